// Short words about what was just done, read out by screen readers.

import { useEffect, useState } from 'preact/hooks'

interface Toast {
  readonly id: number
  readonly text: string
}

const SHOWN_FOR = 5_000
let last = 0
let show: (toast: Toast) => void = () => undefined

export function toast(text: string): void {
  last += 1
  show({ id: last, text })
}

export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  useEffect(() => {
    show = (toast) => {
      setToasts((shown) => [...shown, toast])
      setTimeout(() => setToasts((shown) => shown.filter(({ id }) => id !== toast.id)), SHOWN_FOR)
    }
  }, [])
  return (
    <div class="toasts" aria-live="polite">
      {toasts.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}
