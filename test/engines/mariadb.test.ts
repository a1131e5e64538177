// Every conformance case on MariaDB.

import { runConformance } from './run-conformance.ts'
import { describeOnServers, harnessesOn } from './servers.ts'

describeOnServers('the engine', (places, name) => runConformance(name, harnessesOn(places)), ['mariadb'])
