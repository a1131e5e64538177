// Every conformance case on MariaDB.

import { runConformance } from '../engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../engines/servers.ts'

describeOnServers('the engine', (places, name) => runConformance(name, harnessesOn(places)), ['mariadb'])
