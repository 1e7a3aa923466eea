/** Keys and indexes from the root to a value. */
export type Path = readonly (string | number)[]
