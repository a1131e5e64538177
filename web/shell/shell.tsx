// The frame of every page: navigation, search, the state of the connection, the theme.

import { Keyboard, Menu, Moon, Search, Sun, SunMoon } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import { useRead } from '../api/queries.ts'
import type { Approval, Page } from '../api/records.ts'
import { signOut, useSession } from '../api/session.ts'
import { Toasts } from '../parts/toasts.tsx'
import { count } from '../parts/words.ts'
import { KeysHelp, useKeys } from './keys.tsx'
import { LiveSign, useLive } from './live.tsx'
import { pages } from './pages.ts'
import { SignedOut } from './signed-out.tsx'
import { chosenTheme, nextTheme } from './theme.ts'

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const [state, reconnect] = useLive()
  const [isHelpOpen, setHelpOpen] = useKeys()
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [path] = useLocation()
  const main = useRef<HTMLElement>(null)
  const lastPath = useRef(path)
  useEffect(() => {
    setMenuOpen(false)
    if (lastPath.current === path) return
    lastPath.current = path
    scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path])

  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the content
      </a>
      <Link class="brand" href="/">
        <img src="/mark.svg" alt="" width="24" height="24" />
        Purser
      </Link>
      <header class="bar">
        <button
          type="button"
          class="bare menu"
          aria-label="Navigation"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          <Menu />
        </button>
        <SearchBar />
        <div class="rest">
          <LiveSign state={state} />
          <ThemeButton />
          <button
            type="button"
            class="bare only-wide"
            aria-label="Keyboard"
            title="Keyboard (?)"
            onClick={() => setHelpOpen(true)}
          >
            <Keyboard />
          </button>
        </div>
      </header>
      <div class="side" data-open={isMenuOpen}>
        <Navigation />
        {state !== 'signed-out' && <Place />}
      </div>
      <main id="main" class="page" ref={main} tabIndex={-1}>
        {state === 'signed-out' ? <SignedOut again={reconnect} /> : children}
      </main>
      {isHelpOpen && <KeysHelp onClose={() => setHelpOpen(false)} />}
      <Toasts />
    </div>
  )
}

function Navigation() {
  const [path] = useLocation()
  const pending = useRead<Page<Approval>>('/approvals', {
    query: { status: 'pending', limit: 100 },
    records: ['approval'],
    every: 60_000,
  })
  const waiting = pending.data?.items.length ?? 0
  return (
    <nav aria-label="Pages">
      {pages.map(({ path: target, title, key, icon: Icon }) => {
        const isHere = target === '/' ? path === '/' : path === target || path.startsWith(`${target}/`)
        return (
          <Link
            key={target}
            href={target}
            title={`${title} (g ${key})`}
            {...(isHere && { 'aria-current': 'page' })}
          >
            <Icon aria-hidden="true" />
            {title}
            {target === '/approvals' && waiting > 0 && (
              <span class="count">
                {count(waiting)}
                <span class="hidden"> waiting</span>
              </span>
            )}
          </Link>
        )
      })}
    </nav>
  )
}

/** Who is looking, and at what. */
function Place() {
  const session = useSession()
  if (!session) return null
  return (
    <footer>
      <p title={session.server.location}>{session.server.location}</p>
      <p>
        {session.actor ?? 'system'}, {session.role}
        {session.tenant !== null && ` of ${session.tenant}`}
      </p>
      <p>
        Purser {session.server.version} on {session.server.engine}
      </p>
      {session.via === 'cookie' && (
        <button type="button" class="leave" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </footer>
  )
}

function SearchBar() {
  const [path, navigate] = useLocation()
  const [text, setText] = useState('')
  useEffect(() => {
    setText(path === '/search' ? (new URLSearchParams(location.search).get('q') ?? '') : '')
  }, [path])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (text.trim() !== '') navigate(`/search?q=${encodeURIComponent(text.trim())}`)
  }
  return (
    <search class="searching">
      <form class="searchbox" onSubmit={submit}>
        <Search aria-hidden="true" />
        <input
          id="search"
          type="search"
          aria-label="Search plans, tasks and messages"
          placeholder="Search"
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
        />
        <kbd class="only-wide">/</kbd>
      </form>
    </search>
  )
}

const themeIcons = { system: SunMoon, light: Sun, dark: Moon }

function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme)
  const Icon = themeIcons[theme]
  const label = `Colours: ${theme}`
  return (
    <button
      type="button"
      class="bare"
      aria-label={label}
      title={`${label} (d)`}
      onClick={() => setTheme(nextTheme())}
    >
      <Icon />
    </button>
  )
}
