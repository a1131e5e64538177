// Every conformance case on PostgreSQL.

import { runConformance } from './run-conformance.ts'
import { describeOnServers, harnessesOn } from './servers.ts'

describeOnServers('the engine', (places, name) => runConformance(name, harnessesOn(places)), ['postgres'])
