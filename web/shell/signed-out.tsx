// What is shown in place of a page without a sign-in: a token signs in, and so does the address
// that a server on this machine prints.

import { useState } from 'preact/hooks'
import { Problem } from '../api/problem.ts'
import { signIn } from '../api/session.ts'
import { Empty } from '../parts/panel.tsx'

export function SignedOut({ again }: { readonly again: () => void }) {
  return (
    <section class="panel" aria-label="Signed out">
      <Empty
        title="You are signed out"
        then="Sign in with a token: whoever runs the server makes one. Or open the address that the server printed when it started; each signs in one browser."
        command="purser tokens create --name NAME --role reader"
      />
      <TokenForm onSignedIn={again} />
      <div class="empty">
        <button type="button" onClick={again}>
          Try again
        </button>
      </div>
    </section>
  )
}

function TokenForm({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [token, setToken] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    setFault(undefined)
    try {
      await signIn(token.trim())
      onSignedIn()
    } catch (error) {
      const isRefused = error instanceof Problem && error.status === 401
      setFault(isRefused ? 'This token is unknown, expired or revoked.' : String((error as Error).message))
      setBusy(false)
    }
  }
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        Token
        <input
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={isBusy}>
        Sign in
      </button>
      {fault !== undefined && (
        <p class="failure" role="alert">
          {fault}
        </p>
      )}
    </form>
  )
}
