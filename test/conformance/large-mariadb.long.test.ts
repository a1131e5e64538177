// The conformance cases on many rows on MariaDB.

import { runConformance } from '../support/engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../support/engines/servers.ts'

describeOnServers(
  'the engine',
  (places, name) => runConformance(name, harnessesOn(places), { large: true }),
  ['mariadb'],
)
