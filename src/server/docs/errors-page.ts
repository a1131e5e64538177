// The page of errors: where the `type` of every problem leads.

import { html } from 'hono/html'
import { factsOf, problemCodes } from '../answers/problem-codes.ts'
import { page } from './page.ts'

/** Every code with its status, what it means, and whether repeating the request can help. */
export function errorsPage(): string {
  const rows = problemCodes.map((code) => {
    const { status, summary, retryable } = factsOf(code)
    return html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${summary}</td><td>${retryable ? 'yes' : 'no'}</td></tr>
`
  })
  return page(
    'Errors of the API',
    html`<p>Every error is <code>application/problem+json</code> with one of these codes.</p>
<table>
<thead><tr><th>code</th><th>status</th><th>means</th><th>repeat?</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`,
  )
}
