// Fields of filters: a choice, a text, segments of which one is pressed.

import { Search } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { spaced } from './words.ts'

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
  /** The word for no choice; without it one option is always chosen. */
  readonly any?: string
  readonly onChange: (value: string) => void
}

export function Choice({ label, value, options, any, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {any !== undefined && <option value="">{any}</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {spaced(option)}
          </option>
        ))}
      </select>
    </label>
  )
}

interface SegmentsProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, word: string])[]
  readonly onChange: (value: string) => void
}

export function Segments({ label, value, options, onChange }: SegmentsProps) {
  return (
    <fieldset class="segments" aria-label={label}>
      {options.map(([option, word]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {word}
        </button>
      ))}
    </fieldset>
  )
}

interface SearchFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Milliseconds without a key after which a text counts as entered. */
const PAUSE = 250

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <div class="searchbox">
      <Search aria-hidden="true" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </div>
  )
}
