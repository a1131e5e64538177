// Starts the dashboard in the page.

import { QueryClientProvider } from '@tanstack/preact-query'
import { render } from 'preact'
import { queries } from './api/queries.ts'
import { App } from './app.tsx'
import { applyTheme } from './shell/theme.ts'

applyTheme()
const place = document.getElementById('app')
if (place) {
  render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
    place,
  )
}
