// What a browser sees of a checkout whose dashboard was not built: what to do.

import { html } from 'hono/html'
import { page } from './page.ts'

/** Whether it is a browser that asks for a page, and not a program or a page for its parts. */
export function asksForPage(path: string, headers: Headers): boolean {
  const isFile = (path.split('/').at(-1) ?? '').includes('.')
  return !isFile && (headers.get('accept') ?? '').includes('text/html')
}

export function notBuiltPage(): Response {
  const text = page(
    'The dashboard is not built',
    html`<p>The pages are made from <code>web/</code> when Purser is built. In its folder, run</p>
<pre>npm ci
npm run build</pre>
<p>and start <code>purser serve</code> again. The API is there without them.</p>`,
  )
  return new Response(text, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } })
}
