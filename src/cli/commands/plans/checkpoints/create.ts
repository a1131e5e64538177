// `purser plans checkpoint`: keeps a point to which a plan can be put back.

import { readFile } from 'node:fs/promises'
import { defineChange } from '../../../flags/actor-flag.ts'
import { fieldsOf, text, whole } from '../../../flags/flags.ts'
import { UsageError } from '../../../run/failure.ts'
import { commandLine, sameDatabase } from '../../../screen/command-line.ts'
import { printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'

const fields = {
  alias: text('name', 'a name for people, unique in the plan', { field: 'alias' }),
  sandboxRef: text('ref', 'what the sandbox calls it: a commit, a snapshot', { field: 'sandboxRef' }),
  reason: text('text', 'why it is kept', { field: 'reason' }),
  tool: text('name', 'the tool whose use it precedes', { field: 'tool' }),
  step: whole('number', 'the last completed step (default: that of the plan)', { min: 0, field: 'step' }),
}

export const createCheckpoint = defineChange({
  name: 'checkpoint',
  summary: 'keep a point to which the plan can be put back',
  description:
    'Keep where the plan is: its phase, state, last completed step and last decision, and the bytes of a file that a tool or a sandbox needs to go back. The plan names it as its last checkpoint, which raises its version.',
  args: planArgument,
  flags: { ...fields, state: text('file', 'a file whose bytes are kept, up to 16 MiB') },
  examples: [
    ['before a migration', 'plans checkpoint PLAN --alias before-schema --sandbox-ref git:1f3c9d'],
    ['with the state of a tool', 'plans checkpoint PLAN --state session.bin --tool shell'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { planId } = await findPlan(store, call.args.plan)
      const { state } = call.flags
      const bytes = state === undefined ? {} : { state: await contentOf(state) }
      const given = { planId, ...fieldsOf(fields, call.flags), ...bytes }
      const checkpoint = await call.acting(store).planCheckpoints.create(given)
      const { state: _, ...data } = checkpoint
      return {
        data,
        show: (screen) => {
          const id = printableLine(checkpoint.checkpointId)
          if (screen.quiet) return id
          const at = `${checkpoint.planPhase}/${checkpoint.planState}`
          const line = ['plans', 'restore', id, ...sameDatabase(call.global)]
          return `${screen.paint.bold(id)} keeps ${printableLine(planId)} at ${at}\n  ${screen.paint.dim(commandLine(screen, line))}`
        },
      }
    }),
})

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new UsageError(`--state: ${JSON.stringify(path)} cannot be read (${code})`)
  }
}
