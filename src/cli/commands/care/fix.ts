// `purser doctor --fix`: shows what can be repaired, asks, and does it; with --plan it only shows.

import type { Repair, RepairPlan, RepairReport, Store, Unrepaired } from '../../../index.ts'
import type { ChangeCall } from '../../flags/actor-flag.ts'
import type { toggle } from '../../flags/flags.ts'
import { endingWith, type Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, grouped, printableLine } from '../../screen/text.ts'

/** The parts of a `purser doctor` call that this needs. */
type DoctorCall = ChangeCall<Record<never, never>, Record<'plan' | 'yes', ReturnType<typeof toggle>>>

/** The most changes that the output lists; it counts the others. */
const MAX_SHOWN = 1000

/** What all plans together have done. */
interface Repaired extends RepairReport {
  /** How many changes more than those in `done`. */
  readonly moreDone: number
  /** The last plan that was made. */
  readonly plan: RepairPlan
  /** How many changes of the last plan were not tried. */
  readonly untried: number
}

/** Repairs what can be repaired, after a confirmation; `--plan` only shows it. */
export async function fix(call: DoctorCall): Promise<Outcome> {
  if (call.flags.plan && call.flags.yes) throw new UsageError('--plan changes nothing, so it needs no --yes')
  return call.withStore('existing', async (store) => {
    const plan = await store.repairPlan()
    if (call.flags.plan || plan.repairs.length === 0) return planned(call, store, plan)
    const look = commandLine(call.screen, ['doctor', '--fix', '--plan', ...sameDatabase(call.global)])
    const what = `${counted(plan.repairs.length + plan.more.repairs, 'change')} would be made in ${store.location} (${look} shows each)`
    await call.confirm(what, call.flags.yes, planLines(call.screen, plan).join('\n'))
    return repaired(call, store, await repairAll(store, call.acting(store), plan))
  })
}

/** A plan lists a limited number of changes, so this makes plans until one lists all there are. */
async function repairAll(store: Store, acting: Pick<Store, 'repair'>, first: RepairPlan): Promise<Repaired> {
  const done: Repair[] = []
  const failed = new Map<string, RepairReport['failed'][number]>()
  const keyOf = ({ kind, table: name, id, column }: Repair) => JSON.stringify([kind, name, id, column])
  let total = 0
  for (let plan = first; ; plan = await store.repairPlan()) {
    const report = await acting.repair(plan)
    total += report.done.length
    done.push(...report.done.slice(0, MAX_SHOWN - done.length))
    for (const repair of report.done) failed.delete(keyOf(repair))
    for (const repair of report.failed) failed.set(keyOf(repair), repair)
    const untried = plan.more.repairs
    if (untried === 0 || report.done.length === 0)
      return { done, failed: [...failed.values()], moreDone: total - done.length, plan, untried }
  }
}

function planned(call: DoctorCall, store: Store, plan: RepairPlan): Outcome {
  const isWell = plan.repairs.length === 0 && plan.left.length === 0
  const again = commandLine(call.screen, ['doctor', '--fix', ...sameDatabase(call.global)])
  return {
    data: { ...plan, planned: true },
    ...endingWith(
      !isWell && { code: 'UNWELL', text: 'There is something to put right; nothing was changed.' },
    ),
    show: (screen) => {
      if (isWell) return screen.quiet ? '' : `There is nothing to put right in ${store.location}.`
      const next =
        plan.repairs.length === 0
          ? 'Nothing of this can be put right by itself.'
          : `${screen.paint.dim('Nothing was changed. To put it right:')}\n  ${again}`
      return [...planLines(screen, plan), ...(screen.quiet ? [] : ['', next])].join('\n')
    },
  }
}

function repaired(call: DoctorCall, store: Store, result: Repaired): Outcome {
  const { done, failed, moreDone, plan, untried } = result
  const { left } = plan
  const isWhole = failed.length === 0 && left.length === 0 && untried === 0
  return {
    data: {
      done,
      failed,
      left,
      more: { done: moreDone, repairs: untried, left: plan.more.left },
      planned: false,
    },
    ...endingWith(!isWhole && { code: 'UNWELL', text: 'Not everything could be put right.' }),
    show: (screen) =>
      [
        ...(done.length > 0 ? [...repairTable(screen, done), ...moreLines(moreDone)] : []),
        ...(failed.length > 0 ? ['', 'Not changed:', ...failedLines(screen, failed)] : []),
        ...(untried > 0 ? ['', `Not tried: ${counted(untried, 'change')} more.`] : []),
        ...(left.length > 0 ? ['', ...leftLines(screen, plan)] : []),
        ...(screen.quiet
          ? []
          : [
              '',
              `${screen.paint.green('✔')} ${counted(done.length + moreDone, 'change')} in ${store.location}; what stood in records is kept: purser doctor --findings`,
              screen.paint.dim('Look again:'),
              `  ${commandLine(screen, ['doctor', ...sameDatabase(call.global)])}`,
            ]),
      ].join('\n'),
  }
}

function planLines(screen: Screen, plan: RepairPlan): readonly string[] {
  const { repairs, left, more } = plan
  return [
    ...(repairs.length > 0 ? [...repairTable(screen, repairs), ...moreLines(more.repairs)] : []),
    ...(repairs.length > 0 && left.length > 0 ? [''] : []),
    ...(left.length > 0 ? leftLines(screen, plan) : []),
  ]
}

function moreLines(count: number): readonly string[] {
  return count > 0 ? [`and ${grouped(count)} more`] : []
}

function repairTable(screen: Screen, repairs: readonly Repair[]): readonly string[] {
  const word = (repair: Repair, value: string | null, otherwise: string) =>
    repair.kind === 'value' ? (value ?? otherwise) : ''
  return table(
    screen,
    [
      { title: 'TABLE', value: ({ table: name }: Repair) => name },
      { title: 'RECORD', value: ({ id }: Repair) => printableLine(id ?? '') },
      { title: 'FIELD OR INDEX', value: ({ column }: Repair) => column ?? '' },
      { title: 'IS', value: (repair: Repair) => word(repair, repair.before, '(no word)') },
      { title: 'WILL BE', value: (repair: Repair) => word(repair, repair.after, 'none') },
      { title: 'WHY', value: ({ detail }: Repair) => detail, shrinkTo: 16 },
    ],
    repairs,
  )
}

function failedLines(screen: Screen, failed: RepairReport['failed']): readonly string[] {
  return table(
    screen,
    [
      { title: 'TABLE', value: ({ table: name }) => name },
      { title: 'RECORD', value: ({ id }) => printableLine(id ?? '') },
      { title: 'FIELD OR INDEX', value: ({ column }) => column ?? '' },
      { title: 'WHY NOT', value: ({ reason }) => reason },
    ],
    failed,
  )
}

function leftLines(screen: Screen, { left, more }: Pick<RepairPlan, 'left' | 'more'>): readonly string[] {
  return [
    'Left as it is:',
    ...table(
      screen,
      [
        { title: 'TABLE', value: ({ table: name }: Unrepaired) => name },
        { title: 'RECORD', value: ({ id }: Unrepaired) => printableLine(id ?? '') },
        { title: 'FIELD', value: ({ column }: Unrepaired) => column ?? '' },
        { title: 'WHY', value: ({ reason }: Unrepaired) => reason },
        { title: 'WHAT TO DO', value: ({ next }: Unrepaired) => next },
      ],
      left,
    ),
    ...moreLines(more.left),
  ]
}
