/** What a quantity measures. */
export type QuantityKind =
  | 'percentage'
  | 'percentage-points'
  | 'multiple'
  | 'temperature'
  | 'length'
  | 'area'
  | 'volume'
  | 'mass'
  | 'time'
  | 'speed'
  | 'energy'
  | 'power'
  | 'pressure'
  | 'frequency'
  | 'amount'
  | 'concentration'
  | 'data'
  | 'sound'
  | 'money'
  | 'rate'
  | 'count'
  | 'number'

/** A unit of measurement. */
export interface Unit {
  readonly kind: QuantityKind
  /** The unit its values are given in. */
  readonly base: string
  /** One of it in base units. */
  readonly factor: number
  /** What is added after scaling: only for temperatures. */
  readonly offset?: number
}

/** Kind, base unit, and per unit its size in base units and its names. */
type Row = readonly [kind: QuantityKind, base: string, units: string]

/** Short names are told apart by case; names of four small letters or more also have a plural. */
const TABLE: readonly Row[] = [
  ['length', 'm', '1e-9 nm nanometre nanometer;1e-6 µm μm um micrometre micrometer micron'],
  ['length', 'm', '1e-3 mm millimetre millimeter;1e-2 cm centimetre centimeter;1 m metre meter'],
  [
    'length',
    'm',
    '1e3 km kilometre kilometer;0.0254 inch inches;0.3048 ft foot feet;0.9144 yd yard',
  ],
  ['length', 'm', '1609.344 mi mile'],
  ['area', 'm²', '1e4 ha hectare;4046.86 acre ac'],
  ['volume', 'm³', '1e-3 l L litre liter;1e-6 ml mL millilitre milliliter;0.003785412 gal gallon'],
  ['volume', 'm³', '1e-9 µl μl µL μL microlitre microliter'],
  [
    'mass',
    'kg',
    '1e-12 ng nanogram;1e-9 µg μg ug mcg microgram;1e-6 mg milligram;1e-3 g gram gramme',
  ],
  ['mass', 'kg', '1 kg kilogram kilo;1e3 t tonne ton tons Mg;1e6 kt kilotonne;1e9 Mt megatonne'],
  ['mass', 'kg', '1e12 Gt gigatonne;0.45359237 lb lbs pound;0.0283495 oz ounce'],
  ['time', 's', '1e-6 µs μs microsecond;1e-3 ms millisecond;1 s sec second;60 min minute'],
  ['time', 's', '3600 h hr hrs hour;86400 d day days;604800 wk week;2629800 mo month'],
  ['time', 's', '31557600 yr y year;315576000 decade;3155760000 century centuries'],
  ['speed', 'm/s', '0.2777777777777778 kph kmh;0.44704 mph;0.514444 kn knot'],
  ['energy', 'J', '1 J joule;1e3 kJ kilojoule;1e6 MJ megajoule;1e9 GJ gigajoule;1e12 TJ terajoule'],
  [
    'energy',
    'J',
    '4184 kcal kilocalorie calorie;3600 Wh;3.6e6 kWh;3.6e9 MWh;3.6e12 GWh;3.6e15 TWh',
  ],
  ['power', 'W', '1e-3 mW milliwatt;1 W watt;1e3 kW kilowatt;1e6 MW megawatt;1e9 GW gigawatt'],
  ['power', 'W', '1e12 TW terawatt'],
  ['pressure', 'Pa', '1 Pa pascal;100 hPa mbar;1e3 kPa;1e5 bar;1e6 MPa;133.322 mmHg'],
  ['frequency', 'Hz', '1 Hz hertz;1e3 kHz kilohertz;1e6 MHz megahertz;1e9 GHz gigahertz'],
  [
    'amount',
    'mol',
    '1 mol mole;1e-3 mmol millimole;1e-6 µmol μmol umol micromole;1e-9 nmol nanomole',
  ],
  ['concentration', 'ppm', '1 ppm;1e-3 ppb'],
  ['concentration', 'mol/m³', '1 mM millimolar;1e-3 µM μM uM micromolar;1e-6 nM nanomolar'],
  ['data', 'B', '1 byte;1e3 kB KB kilobyte;1e6 MB megabyte;1e9 GB gigabyte;1e12 TB terabyte'],
  ['sound', 'dB', '1 dB dBA decibel'],
  ['money', 'USD', '1 $ USD dollar;0.01 cent cents'],
  ['money', 'EUR', '1 € EUR euro'],
  ['money', 'GBP', '1 £ GBP'],
  ['money', 'JPY', '1 ¥ JPY yen'],
  ['money', 'CHF', '1 CHF franc'],
  ['money', 'INR', '1 ₹ INR rupee'],
  ['money', 'FTNS', '1 FTNS;1e-6 µFTNS μFTNS uFTNS'],
]

const CELSIUS: Unit = { kind: 'temperature', base: '°C', factor: 1 }
const FAHRENHEIT: Unit = { kind: 'temperature', base: '°C', factor: 5 / 9, offset: -160 / 9 }
const KELVIN: Unit = { kind: 'temperature', base: '°C', factor: 1, offset: -273.15 }
const PERCENT: Unit = { kind: 'percentage', base: '%', factor: 1 }
const POINTS: Unit = { kind: 'percentage-points', base: 'pp', factor: 1 }
const SPECIAL: readonly (readonly [string, Unit])[] = [
  ['C', CELSIUS],
  ['celsius', CELSIUS],
  ['degC', CELSIUS],
  ['℃', CELSIUS],
  ['F', FAHRENHEIT],
  ['fahrenheit', FAHRENHEIT],
  ['K', KELVIN],
  ['kelvin', KELVIN],
  ['kelvins', KELVIN],
  ['%', PERCENT],
  ['percent', PERCENT],
  ['pp', POINTS],
  ['‰', { ...PERCENT, factor: 0.1 }],
]

const UNITS: ReadonlyMap<string, Unit> = new Map([...TABLE.flatMap(unitsOf), ...SPECIAL])

/** The units of a row, under all their names. */
function unitsOf([kind, base, units]: Row): readonly (readonly [string, Unit])[] {
  return units.split(';').flatMap((entry) => {
    const [factor = '1', ...names] = entry.split(' ')
    const unit: Unit = { kind, base, factor: Number(factor) }
    const plurals = names.filter((name) => /^[a-z]{4,}$/.test(name)).map((name) => `${name}s`)
    return [...names, ...plurals].map((name) => [name, unit] as const)
  })
}

/** The unit with this name; short names only as written, long ones in any case. */
export function findUnit(name: string): Unit | undefined {
  return UNITS.get(name) ?? (name.length >= 4 ? UNITS.get(name.toLowerCase()) : undefined)
}

/** Degrees of temperature. */
export const DEGREES: { readonly celsius: Unit; readonly fahrenheit: Unit } = {
  celsius: CELSIUS,
  fahrenheit: FAHRENHEIT,
}

/** Shares of a hundred, and differences between such shares. */
export const SHARES: { readonly percent: Unit; readonly points: Unit } = {
  percent: PERCENT,
  points: POINTS,
}
