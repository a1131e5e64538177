// A report as a file: the server writes it, safe for spreadsheets.

import { type Query, urlOf } from '../../api/client.ts'
import { toast } from '../../parts/toasts.tsx'

export async function downloadReport(query: Query): Promise<void> {
  const response = await fetch(urlOf('/costs/report', query), { headers: { Accept: 'text/csv' } }).catch(
    () => undefined,
  )
  if (!response?.ok) return toast('The file could not be made: the server did not answer as expected.')
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = 'costs.csv'
  link.click()
  URL.revokeObjectURL(url)
}
