import { type Counter, type Histogram, metrics, SpanStatusCode, trace } from '@opentelemetry/api'

import type { Telemetry } from '../kernel/telemetry.ts'

/**
 * Telemetry through the OpenTelemetry API.
 *
 * @remarks Costs next to nothing until the embedding process registers an OpenTelemetry SDK.
 */
export function createOpenTelemetry(): Telemetry {
  const tracer = trace.getTracer('prsm')
  const meter = metrics.getMeter('prsm')
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  return {
    isEnabled: true,
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work()
        } catch (fault) {
          span.setStatus({ code: SpanStatusCode.ERROR })
          if (fault instanceof Error) span.recordException(fault)
          throw fault
        } finally {
          span.end()
        }
      }),
    count(name, amount, attributes) {
      const counter = counters.get(name) ?? meter.createCounter(name)
      counters.set(name, counter)
      counter.add(amount, attributes)
    },
    observe(name, value, attributes) {
      const histogram = histograms.get(name) ?? meter.createHistogram(name)
      histograms.set(name, histogram)
      histogram.record(value, attributes)
    },
  }
}
