// Names of the code as parts of paths.

/** `parkedRuns` and `parked_runs` as `parked-runs`. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
