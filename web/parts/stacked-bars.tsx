// Stacked bars over periods, drawn by uPlot in the colours of the theme. What a bar consists of is
// shown beside the pointer; pages that use it have the same numbers as text.

import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { onThemeChange } from '../shell/theme.ts'

export interface BarSeries {
  readonly name: string
  /** One for each label. */
  readonly values: readonly number[]
}

interface StackedBarsProps {
  /** What the chart shows, for those who do not see it. */
  readonly label: string
  /** Of the bars, below them. */
  readonly labels: readonly string[]
  /** At most seven, the largest first; more are for the caller to add up. */
  readonly series: readonly BarSeries[]
  readonly format: (value: number) => string
  readonly height?: number
  readonly onPick?: (index: number) => void
}

export function StackedBars({ label, labels, series, format, height = 200, onPick }: StackedBarsProps) {
  const place = useRef<HTMLDivElement>(null)
  const [hovered, setHovered] = useState<{ index: number; left: number } | null>(null)
  const pick = useRef(onPick)
  pick.current = onPick

  useEffect(() => {
    const element = place.current
    if (!element) return
    let chart: uPlot | undefined
    const draw = () => {
      chart?.destroy()
      chart = new uPlot(
        optionsFor(element, { labels, series, format, height, onHover: setHovered }),
        dataOf(labels, series),
        element,
      )
      if (pick.current) {
        chart.over.style.cursor = 'pointer'
        chart.over.addEventListener('click', () => {
          const index = chart?.cursor.idx
          if (index !== null && index !== undefined) pick.current?.(index)
        })
      }
    }
    draw()
    const resized = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    const stop = onThemeChange(draw)
    return () => {
      resized.disconnect()
      stop()
      chart?.destroy()
    }
  }, [labels, series, format, height])

  return (
    <div class="chart">
      <div ref={place} role="img" aria-label={label} />
      {hovered !== null && <Tip {...{ labels, series, format, hovered }} />}
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ name }, index) => (
            <li key={name}>
              <i class="swatch" data-series={index + 1} />
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

type TipProps = Pick<StackedBarsProps, 'labels' | 'series' | 'format'> & {
  readonly hovered: { readonly index: number; readonly left: number }
}

function Tip({ labels, series, format, hovered: { index, left } }: TipProps) {
  const parts = series.map(({ name, values }, at) => ({ name, at, value: values[index] ?? 0 }))
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  return (
    <div class="tip" style={{ left: `${left}px`, top: '0' }}>
      <strong>{labels[index]}</strong>
      <table>
        <tbody>
          {parts
            .filter(({ value }) => value > 0)
            .map(({ name, at, value }) => (
              <tr key={name}>
                <td>
                  <i class="swatch" data-series={at + 1} /> {name}
                </td>
                <td class="end">{format(value)}</td>
              </tr>
            ))}
          <tr>
            <td>
              <strong>Total</strong>
            </td>
            <td class="end">
              <strong>{format(total)}</strong>
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}

/** Sums from the first series on, the highest first: each is drawn over the one before. */
function dataOf(labels: readonly string[], series: readonly BarSeries[]): uPlot.AlignedData {
  const sums: number[][] = []
  let below = labels.map(() => 0)
  for (const { values } of series) {
    below = below.map((sum, index) => sum + (values[index] ?? 0))
    sums.push(below)
  }
  return [labels.map((_, index) => index), ...sums.reverse()]
}

interface Drawing extends Pick<StackedBarsProps, 'labels' | 'series' | 'format'> {
  readonly height: number
  readonly onHover: (hovered: { index: number; left: number } | null) => void
}

const TIP_WIDTH = 190

function optionsFor(element: HTMLElement, drawing: Drawing): uPlot.Options {
  const { labels, series, format, height, onHover } = drawing
  const colour = coloursOf(element)
  const bars = uPlot.paths.bars?.({ size: [0.72, 42], radius: 0.12 })
  const axis = { stroke: colour('--muted'), font: `11px ${getComputedStyle(element).fontFamily}` }
  return {
    width: element.clientWidth,
    height,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.6, labels.length - 0.4] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        gap: 4,
        size: 24,
        splits: () => ticksOf(labels.length, element.clientWidth),
        values: (_, splits) => splits.map((index) => shortLabel(labels[index] ?? '')),
      },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
        gap: 6,
        size: (_, values) => 14 + Math.max(0, ...(values ?? []).map((text) => text.length)) * 6.4,
        // Zeros beyond the second digit say nothing here.
        values: (_, splits) => splits.map((value) => format(value).replace(/(\.\d{2}\d*?)0+(?!\d)/, '$1')),
        space: 36,
      },
    ],
    series: [
      {},
      ...series
        .map((_, index) => ({
          fill: colour(`--series-${index + 1}`),
          stroke: colour('--surface'),
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        }))
        .reverse(),
    ],
    hooks: {
      setCursor: [
        ({ cursor, over }) => {
          const { idx, left = -1 } = cursor
          if (idx === null || idx === undefined || left < 0) return onHover(null)
          const from = over.offsetLeft + left + 14
          onHover({ index: idx, left: Math.max(0, Math.min(from, element.clientWidth - TIP_WIDTH)) })
        },
      ],
    },
  }
}

/** As many of the bars as there is room to name, evenly, and the last. */
function ticksOf(bars: number, width: number): number[] {
  const every = Math.max(1, Math.ceil(bars / Math.max(1, Math.floor(width / 64))))
  return Array.from({ length: bars }, (_, index) => index).filter((index) => (bars - 1 - index) % every === 0)
}

const dayOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `31 Jan` for a day, `09:00` for an hour; other periods as they are. */
function shortLabel(label: string): string {
  const hour = /^\d{4}-\d{2}-\d{2}T(\d{2})/.exec(label)
  if (hour) return `${hour[1]}:00`
  return /^\d{4}-\d{2}-\d{2}$/.test(label) ? dayOf.format(new Date(`${label}T00:00Z`)) : label
}

/** A canvas takes colours, not variables: the browser resolves them. */
function coloursOf(element: HTMLElement): (variable: string) => string {
  return (variable) => {
    const probe = document.createElement('i')
    probe.style.color = `var(${variable})`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}
