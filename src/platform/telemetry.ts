import { metrics, SpanStatusCode, trace } from '@opentelemetry/api'

import type { Telemetry } from '../kernel/telemetry.ts'

/**
 * Telemetry through the OpenTelemetry API.
 *
 * @remarks Costs next to nothing until the embedding process registers an OpenTelemetry SDK.
 */
export function createOpenTelemetry(): Telemetry {
  const tracer = trace.getTracer('prsm')
  const meter = metrics.getMeter('prsm')
  return {
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
    count: (name, amount, attributes) => meter.createCounter(name).add(amount, attributes),
    observe: (name, value, attributes) => meter.createHistogram(name).record(value, attributes),
  }
}
