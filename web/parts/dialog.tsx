// A dialog over the page: the browser keeps the focus inside and closes it by Escape.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem } from '../api/problem.ts'
import { Failure } from './panel.tsx'
import { toast } from './toasts.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes it by Escape; the click is beside it
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      {children}
    </dialog>
  )
}

interface ConfirmProps {
  readonly title: string
  /** What will happen. */
  readonly children?: ComponentChildren
  readonly button: string
  readonly isDangerous?: boolean
  /** What is said once it is done. */
  readonly done: string
  /** Called with the fields of the form by their names. @throws Problem, which the dialog shows */
  readonly act: (fields: FormData) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before something is changed, and shows why it could not be. */
export function Confirm({ title, children, button, isDangerous, done, act, onClose }: ConfirmProps) {
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      await act(new FormData(event.currentTarget as HTMLFormElement))
      toast(done)
      onClose()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      setProblem(error)
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        {children}
        {problem !== undefined && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
            {button}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
