// `purser doctor --fix`: shows what can be repaired, asks, and does it; with --plan it only shows.

import type { Repair, RepairPlan, RepairReport, Store, Unrepaired } from '../../../index.ts'
import type { ChangeCall } from '../../flags/actor-flag.ts'
import type { toggle } from '../../flags/flags.ts'
import type { Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, printableLine } from '../../screen/text.ts'

/** The parts of a `purser doctor` call that this needs. */
type DoctorCall = ChangeCall<Record<never, never>, Record<'plan' | 'yes', ReturnType<typeof toggle>>>

export async function fix(call: DoctorCall): Promise<Outcome> {
  if (call.flags.plan && call.flags.yes) throw new UsageError('--plan changes nothing, so it needs no --yes')
  return call.withStore('existing', async (store) => {
    const plan = await store.repairPlan()
    if (call.flags.plan || plan.repairs.length === 0) return planned(call, store, plan)
    const look = commandLine(call.screen, ['doctor', '--fix', '--plan', ...sameDatabase(call.global)])
    const what = `${counted(plan.repairs.length, 'change')} would be made in ${store.location} (${look} shows each)`
    await call.confirm(what, call.flags.yes, planLines(call.screen, plan).join('\n'))
    return repaired(call, store, plan, await call.acting(store).repair(plan))
  })
}

function planned(call: DoctorCall, store: Store, plan: RepairPlan): Outcome {
  const isWell = plan.repairs.length === 0 && plan.left.length === 0
  const again = commandLine(call.screen, ['doctor', '--fix', ...sameDatabase(call.global)])
  return {
    data: { ...plan, planned: true },
    exitCode: isWell ? 0 : 3,
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

function repaired(call: DoctorCall, store: Store, { left }: RepairPlan, report: RepairReport): Outcome {
  const { done, failed } = report
  const isWhole = failed.length === 0 && left.length === 0
  return {
    data: { ...report, left, planned: false },
    exitCode: isWhole ? 0 : 3,
    show: (screen) =>
      [
        ...(done.length > 0 ? repairTable(screen, done) : []),
        ...(failed.length > 0 ? ['', 'Not changed:', ...failedLines(screen, failed)] : []),
        ...(left.length > 0 ? ['', ...leftLines(screen, left)] : []),
        ...(screen.quiet
          ? []
          : [
              '',
              `${screen.paint.green('✔')} ${counted(done.length, 'change')} in ${store.location}; what stood in records is kept: purser doctor --findings`,
              screen.paint.dim('Look again:'),
              `  ${commandLine(screen, ['doctor', ...sameDatabase(call.global)])}`,
            ]),
      ].join('\n'),
  }
}

function planLines(screen: Screen, { repairs, left }: RepairPlan): readonly string[] {
  return [
    ...(repairs.length > 0 ? repairTable(screen, repairs) : []),
    ...(repairs.length > 0 && left.length > 0 ? [''] : []),
    ...(left.length > 0 ? leftLines(screen, left) : []),
  ]
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

function leftLines(screen: Screen, left: readonly Unrepaired[]): readonly string[] {
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
  ]
}
