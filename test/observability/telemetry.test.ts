// Spans and metrics against OpenTelemetry's own SDK: what a read, a set and a transaction report,
// and that a failure is told by its code and never by content.

import { metrics, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'

const spans = new InMemorySpanExporter()
const exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 3_600_000 })

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
  )
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})

beforeEach(() => spans.reset())

afterAll(() => {
  trace.disable()
  metrics.disable()
})

const message = {
  sender: 'lead',
  to: 'agent',
  channel: 'parser',
  type: 'question',
  content: 'secret words',
} as const

test('a read, a write set and a transaction are spans with the conventions’ attributes', async () => {
  await using store = await openStore('sqlite::memory:')
  spans.reset()
  await Promise.all(Array.from({ length: 5 }, () => store.messages.append(message)))
  await store.messages.get('nobody')
  await store.transaction(async (tx) => {
    await tx.messages.append(message)
  })
  const finished = spans.getFinishedSpans()
  expect(finished.map((span) => span.name)).toEqual(['purser write_set', 'purser read', 'purser transaction'])
  expect(finished[0]?.attributes).toEqual({
    'db.system.name': 'sqlite',
    'db.operation.name': 'write_set',
    'db.operation.batch.size': 5,
  })
  expect(finished[1]?.attributes).toEqual({ 'db.system.name': 'sqlite', 'db.operation.name': 'read' })
})

test('a failure is an error status with the error’s code, and no content', async () => {
  await using store = await openStore('sqlite::memory:')
  spans.reset()
  const work = store.transaction(async (tx) => {
    await tx.messages.append({ ...message, id: 'same' })
    await tx.messages.append({ ...message, id: 'same' })
  })
  await expect(work).rejects.toThrow('already has a row')
  const [span] = spans.getFinishedSpans()
  expect(span?.status.code).toBe(2)
  expect(span?.attributes['error.type']).toBe('DUPLICATE_RECORD')
  expect(JSON.stringify([span?.attributes, span?.events, span?.status])).not.toContain('secret')
})

test('durations, set sizes and the queue’s depth are metrics', async () => {
  await using store = await openStore('sqlite::memory:')
  await Promise.all(Array.from({ length: 64 }, () => store.messages.append(message)))
  await reader.forceFlush()
  const found =
    exported
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
  const names = found.map((metric) => metric.descriptor.name)
  expect(names).toEqual(
    expect.arrayContaining([
      'db.client.operation.duration',
      'purser.write_set.size',
      'purser.write_queue.depth',
    ]),
  )
  const sizes = found.find((metric) => metric.descriptor.name === 'purser.write_set.size')?.dataPoints[0]
    ?.value
  expect(sizes).toMatchObject({ max: 64 })
})
