// The keyboard: `/` searches, `g` and a letter opens a page, `j` and `k` move in lists, `?` shows
// this. Keys of fields, dialogs and of the browser are left alone.

import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { Dialog } from '../parts/dialog.tsx'
import { pages } from './pages.ts'
import { nextTheme } from './theme.ts'

/** Milliseconds in which a letter follows `g`. */
const CHORD = 1_200

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter((row) => row.offsetParent)
}

/** Moves the focus to the next row of the page's lists, or the one before. */
function step(by: 1 | -1): void {
  const all = rows()
  const at = all.indexOf(document.activeElement as HTMLElement)
  const next = at === -1 ? (by === 1 ? 0 : all.length - 1) : at + by
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus()
}

/** @returns whether the help is open, and a function that opens or closes it */
export function useKeys(): [isHelpOpen: boolean, setHelpOpen: (open: boolean) => void] {
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [, navigate] = useLocation()
  useEffect(() => {
    let chordUntil = 0
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const isChord = Date.now() < chordUntil
      chordUntil = 0
      const page = isChord ? pages.find(({ key }) => key === event.key) : undefined
      if (page) navigate(page.path)
      else if (event.key === 'g') chordUntil = Date.now() + CHORD
      else if (event.key === '/') document.getElementById('search')?.focus()
      else if (event.key === 'j') step(1)
      else if (event.key === 'k') step(-1)
      else if (event.key === 'd') nextTheme()
      else if (event.key === '?') setHelpOpen(true)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [navigate])
  return [isHelpOpen, setHelpOpen]
}

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <section>
        <h2>Keyboard</h2>
        <div class="keys">
          <kbd>/</kbd> <span>Search</span>
          <span>
            <kbd>j</kbd> <kbd>k</kbd>
          </span>
          <span>Next and previous row; Enter opens it</span>
          {pages.map(({ key, title }) => [
            <span key={key}>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </span>,
            <span key={title}>{title}</span>,
          ])}
          <kbd>d</kbd> <span>Dark, light, or as the system has it</span>
          <kbd>?</kbd> <span>This help</span>
        </div>
        <footer>
          <button type="button" class="primary" onClick={onClose}>
            Close
          </button>
        </footer>
      </section>
    </Dialog>
  )
}
