// `purser audit head`: the last entry's number and hash, to be kept out of reach of anyone who can
// write the database.

import { defineCommand } from '../../run/command.ts'

export const auditHead = defineCommand({
  name: 'head',
  summary: 'print the end of the chain, to keep elsewhere',
  description:
    'Print the number and the hash of the last audit entry. Kept elsewhere, it lets purser audit verify --expected-head detect that the end of the trail was cut off.',
  examples: [
    ['the head', 'audit head'],
    ['kept in a file', 'audit head --quiet > /mnt/elsewhere/audit-head'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const head = await store.audit.head()
      const [newest] = await store.audit.cuts()
      const cut = newest ? { sequence: newest.sequence, hash: newest.hash } : null
      const text = head === null ? '' : `${head.sequence}:${head.hash}`
      call.note(
        'info',
        head === null
          ? 'There are no audit entries yet, so there is nothing to keep.'
          : 'Keep it where nobody who can write the database can write; purser audit verify --expected-head checks it.',
      )
      return { data: { head, expectedHead: head === null ? null : text, cut }, show: () => text }
    }),
})
