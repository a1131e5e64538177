// Every conformance case on PostgreSQL, in two files that run at once: the even ones.

import { runConformance } from '../support/engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../support/engines/servers.ts'

describeOnServers(
  'the engine',
  (places, name) => runConformance(name, harnessesOn(places), { everyOf: 2, from: 1 }),
  ['postgres'],
)
