// The frame of the server's pages of documentation: plain HTML, without scripts and without
// anything from elsewhere.

import { html } from 'hono/html'

export const STYLE_PATH = '/docs/style.css'

export type Html = ReturnType<typeof html>

/** One page, as text. @param body everything below the title */
export function page(title: string, body: Html): string {
  return String(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<nav><a href="/">Dashboard</a> <a href="/docs">API</a> <a href="/docs/errors">Errors</a> <a href="/openapi.json">openapi.json</a></nav>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`,
  )
}

export const docsStyle = `:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a4150); --dim: light-dark(#59606e, #a4adbd) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: light-dark(#1b1f27, #e8ebf1); background: light-dark(#fff, #14171d) }
nav a { margin-right: 1rem }
a { color: light-dark(#1a56b8, #8ab4f8) }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem }
summary { cursor: pointer }
summary b { display: inline-block; min-width: 4.5rem }
pre { overflow-x: auto; padding: .5rem; border: 1px solid var(--line); border-radius: 6px; font-size: .85rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
code { font-family: ui-monospace, monospace }
.dim { color: var(--dim) }
:target { outline: 2px solid var(--line) }
`
