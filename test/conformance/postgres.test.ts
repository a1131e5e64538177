// Every conformance case on PostgreSQL.

import { runConformance } from '../engines/run-conformance.ts'
import { describeOnServers, harnessesOn } from '../engines/servers.ts'

describeOnServers('the engine', (places, name) => runConformance(name, harnessesOn(places)), ['postgres'])
