// Every conformance case on MariaDB, in two files that run at once: the odd ones.

import { runConformance } from '../support/engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../support/engines/servers.ts'

describeOnServers(
  'the engine',
  (places, name) => runConformance(name, harnessesOn(places), { everyOf: 2, from: 0 }),
  ['mariadb'],
)
