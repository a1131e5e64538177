// docs/events.md: every event of src/observability/events.ts with its payload and the level at
// which it is logged. When each is published is written here; the compiler checks that none is left
// out.
import {
  type EventName,
  type EventPayloads,
  EventPublisher,
  events,
  type Logger,
} from '../../src/observability/events.ts'
import { code, notice, page, table } from './markdown.ts'
import { interfaceMembers, propertiesOf, readSource } from './source.ts'

const moments = {
  'persistence.backend.connected': 'the database was opened',
  'persistence.backend.disconnected': 'the database was closed',
  'persistence.migration.started': 'a migration begins',
  'persistence.migration.step': 'before each statement of a migration: for progress',
  'persistence.migration.applied': 'a migration up is committed',
  'persistence.migration.reverted': 'a migration down is committed',
  'persistence.migration.failed':
    'a call of `migrate` failed; `version` is the migration that was under way, if one had begun',
  'persistence.migration.backup': 'a copy of the file was made beside it',
  'persistence.database.adopted': 'the tables of an ancestor were taken over',
  'persistence.schema.newer': 'the database has a migration that this build does not know and can work with',
  'persistence.set.committed':
    'a set of single writes is durable; `operations` writes shared it, `queued` wait for the next. `createMany`, `appendMany` and transactions commit by themselves',
  'persistence.set.failed': 'a set of single writes could not be committed; none of it is stored',
  'persistence.transaction.retried': 'a transaction with `{ retry: true }` lost and runs again',
  'persistence.value.unreadable': 'a stored value cannot be read; once for each row, column and store',
  'persistence.row.corrupt': 'a list skips a row that cannot be read; once for each row, column and store',
  'persistence.plan.created': 'a plan is stored',
  'persistence.plan.updated': 'fields of a plan are changed',
  'persistence.plan.moved': 'a plan has moved to another phase or state',
  'persistence.plan.deleted': 'a plan is gone, with everything below it',
  'persistence.action.created': 'an action is stored',
  'persistence.action.updated': 'fields of an action are changed',
  'persistence.action.deleted': 'an action is gone',
  'persistence.project.created': 'a project is stored',
  'persistence.project.updated': 'fields of a project are changed',
  'persistence.project.deleted': 'the record of a project is gone; its name is only a label',
  'persistence.token.created': 'a token is stored',
  'persistence.token.revoked': 'a token is refused from now on',
  'persistence.profile.created': 'a custom automation profile is stored',
  'persistence.profile.updated': 'an automation profile is changed; plans keep their copies',
  'persistence.profile.deleted': 'an automation profile is gone; plans keep their copies',
  'persistence.audit.appended': 'an audit entry is appended by itself, not along with a change',
  'persistence.task.created': 'a task is stored',
  'persistence.task.updated': 'fields of a task are changed',
  'persistence.task.transitioned': 'a task has another status',
  'persistence.task.deleted': 'a task is gone',
  'persistence.cost.recorded': 'a cost record is stored',
  'persistence.budget.created': 'a budget was stored',
  'persistence.budget.updated': 'fields of a budget were changed',
  'persistence.budget.deleted': 'a budget was deleted',
  'persistence.budget.warned':
    'costs reached the `warnAt` of a budget; once per period, in the program that noted it first',
  'persistence.budget.exceeded':
    'costs passed the limit of a budget; once per period, in the program that noted it first',
  'persistence.cost.repeated': 'an append repeated a record by its idempotency key; nothing was written',
  'persistence.message.appended': 'a message is stored',
  'persistence.message.duplicate': 'an append named an id that is there; nothing was written',
  'persistence.transfer.exported': 'a store was written as lines to its end',
  'persistence.transfer.imported':
    'a file of records was read to its end; the records it stored have no other event',
  'persistence.retention.pruned':
    'old rows of a kind are gone; `left` are those that are old and there still',
  'persistence.decision.recorded': 'a decision of a plan is stored',
  'persistence.correction.requested': 'the correction of a decision was asked for',
  'persistence.correction.completed': 'a correction was carried out',
  'persistence.correction.failed': 'a correction was refused; nothing of it was done',
  'persistence.checkpoint.created': 'a checkpoint of a plan is stored, with so many bytes of state',
  'persistence.checkpoint.restored': 'a plan was put back to a checkpoint; the plan has this version',
  'persistence.checkpoint.deleted': 'a checkpoint of a plan is gone',
  'persistence.step.recorded': 'a step of a plan is recorded, or recorded otherwise than before',
  'persistence.step.dropped': 'a plan was put back, and so many of its steps are gone',
  'persistence.agent.created': 'an agent was seen for the first time',
  'persistence.agent.updated':
    'an agent said something else of itself, or was seen again after it had been stopped; beats publish nothing',
  'persistence.agent.stopped': 'an agent was stopped',
  'persistence.approval.requested': 'an approval was asked for',
  'persistence.approval.decided':
    'an approval was approved, rejected or withdrawn; one that expires publishes nothing',
  'persistence.approval.used': 'the move of a plan used an approval up',
  'persistence.run.parked': 'the state of a run was stored',
  'persistence.run.resumed': 'a process took a parked run to go on with it',
  'persistence.run.deleted': 'a parked run was deleted',
  'persistence.setting.created': 'a setting was made',
  'persistence.setting.updated': 'a setting got another value',
  'persistence.setting.deleted': 'a setting was deleted',
  'persistence.rule.refused': 'a call was refused because it breaks the rule',
  'persistence.rule.recorded':
    'a call that breaks the rule went through, because this database records that and does not refuse it',
  'persistence.retention.failed':
    'pruning in the background ended with an error; it is tried again an hour later',
  'persistence.changes.trimmed': 'changes older than the store keeps them were removed from the feed',
  'persistence.changes.failed':
    'trimming the feed or putting it in order failed; it is tried again after later commits',
} as const satisfies Record<EventName, string>

export function eventsPage(): string {
  const source = readSource('src/observability/events.ts')
  const payloads = new Map(
    interfaceMembers(source, 'EventPayloads').flatMap((member) => {
      if (member.type !== 'TSPropertySignature' || member.key.type !== 'Literal') return []
      const type = member.typeAnnotation?.typeAnnotation
      if (type?.type !== 'TSTypeLiteral') return []
      const fields = propertiesOf(source, type.members).map(
        (field) => `\`${field.name}\` ${typeName(field.type)}`,
      )
      return [[String(member.key.value), fields.join(', ')] as const]
    }),
  )
  return page([
    notice('src/observability/events.ts'),
    '# Events',
    'Purser publishes an event when something happened that an operator may want to know. A payload holds ids, counts and durations, never content. Each event goes to three places:',
    [
      '- to listeners of one store: `store.on(name, listener)`; the function that it returns removes the listener;',
      '- to the channel of the same name of [`diagnostics_channel`](https://nodejs.org/api/diagnostics_channel.html), for every store of the process;',
      '- to the `logger` that the store was opened with, at the level below, as `logger.info({ event, …payload }, event)`. Any object with `debug`, `info`, `warn` and `error` will do; pino fits as it is.',
    ].join('\n'),
    EXAMPLE,
    'Constants for all names are in `events`, exported by `purser` and by `purser/events`, which loads nothing else. A listener or logger that throws stops nothing: the process gets a `PurserListenerWarning`.',
    'Events about records are published once the write is durable; those of a transaction after its commit, and not at all when it is rolled back. Durations are milliseconds.',
    '## All events',
    table(
      ['event', 'constant', 'when', 'payload', 'level'],
      Object.entries(events).map(([constant, name]) => {
        const payload = payloads.get(name)
        if (payload === undefined) throw new Error(`${name} has no payload in src/observability/events.ts`)
        return [code(name), code(`events.${constant}`), moments[name], payload, levelOf(name)]
      }),
    ),
    'Examples of a logger and of a subscriber are in [operations.md](operations.md).',
  ])

  function typeName(type: string): string {
    return type === 'Record<string, number>'
      ? 'numbers by table'
      : type.replaceAll("'", '').replaceAll(' | ', ' or ')
  }
}

const EXAMPLE = `\`\`\`ts
import { events, openStore } from 'purser'

const store = await openStore('sqlite::memory:')
const stop = store.on(events.taskTransitioned, ({ from, to, version }) => console.log(from, '→', to, 'version', version))
const task = await store.tasks.create({
  title: 'Sort the mail', description: 'Everything that came in since Monday', project: 'office', createdBy: 'ada', type: 'admin',
})
await store.tasks.transition(task.id, 'assigned', { version: 1, patch: { assignedTo: 'bo' } })
stop()
await store.close()
\`\`\`

\`\`\`text
created → assigned version 2
\`\`\``

/** The level, found by publishing to a logger. */
function levelOf<N extends EventName>(name: N): string {
  let level = ''
  const note = (word: string) => () => {
    level = word
  }
  const logger: Logger = {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
  }
  new EventPublisher(logger).emit(name, {} as EventPayloads[N])
  return level
}
