/** Low-cardinality labels of a measurement or span. */
export type TelemetryAttributes = Readonly<Record<string, string | number | boolean>>

/** Hooks through which the platform is observed. An implementation must not throw. */
export interface Telemetry {
  /** Whether anybody looks; hot paths spare themselves the rest when nobody does. */
  readonly isEnabled: boolean
  /** Runs `work` inside a span; a rejection marks the span as failed and passes through. */
  span<Value>(
    name: string,
    attributes: TelemetryAttributes,
    work: () => Promise<Value>,
  ): Promise<Value>
  /** Adds to a counter. */
  count(name: string, amount: number, attributes?: TelemetryAttributes): void
  /** Records one observation of a distribution, such as a duration in ms. */
  observe(name: string, value: number, attributes?: TelemetryAttributes): void
}

/** Observes nothing. */
export const noTelemetry: Telemetry = {
  isEnabled: false,
  span: (_name, _attributes, work) => work(),
  count: () => undefined,
  observe: () => undefined,
}
