// Who may import whom: the layers of src, as data for check-layers.ts. The first layer that matches
// a file is its layer.

export interface Layer {
  /**
   * Paths under src. `{engine}` is a placeholder for one folder name, and for the same one in
   * `may`.
   */
  readonly files: string
  readonly may: readonly string[]
  /** May also be imported, but as types only. */
  readonly mayTypes?: readonly string[]
}

const definitions = ['records/model/**', 'records/definitions.ts', 'records/*/definition.ts']

/** Values with their rules; they import nothing but each other. */
const values = ['values/**', 'version.ts']
const contract = ['engines/contract/**']

export const layers: readonly Layer[] = [
  { files: 'version.ts', may: [] },
  { files: 'values/error-codes.ts', may: [] },
  { files: 'values/base-error.ts', may: ['values/error-codes.ts'] },
  { files: 'values/plan-errors.ts', may: ['values/base-error.ts'] },
  { files: 'errors.ts', may: ['values/base-error.ts', 'values/error-codes.ts', 'values/plan-errors.ts'] },
  { files: 'values/**', may: ['values/**', 'errors.ts'] },
  { files: 'observability/**', may: ['observability/**', 'errors.ts', ...values] },
  { files: 'prices/**', may: ['prices/**', ...values] },
  {
    files: 'config/**',
    may: [
      'config/**',
      'prices/price-rule.ts',
      'engines/core/open-files.ts',
      'errors.ts',
      'records/model/issues.ts',
      'records/model/copy-input.ts',
      ...values,
    ],
    mayTypes: [...contract, 'engines/core/load-driver.ts', 'observability/events.ts'],
  },
  {
    files: 'records/**',
    may: [
      'records/**',
      'prices/**',
      'engines/contract/engine.ts',
      'engines/core/dependent-writes.ts',
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
    // Definitions are written in the vocabulary of migrations; only migrations run it.
    mayTypes: ['engines/contract/schema.ts'],
  },
  // The one place that turns a URL into an engine.
  { files: 'engines/registry.ts', may: ['engines/**', 'errors.ts'] },
  // The tenants of each kind of place; the URL determines the kind.
  { files: 'engines/tenants.ts', may: ['engines/**'] },
  // The one place that bypasses the library to read names from a store.
  { files: 'engines/names-in.ts', may: ['engines/registry.ts', 'engines/sqlite/file/**'] },
  { files: 'engines/contract/**', may: ['engines/contract/**', 'errors.ts'] },
  {
    files: 'engines/core/**',
    may: ['engines/core/**', ...contract, 'errors.ts', 'observability/events.ts', ...values],
  },
  {
    files: 'engines/server/**',
    may: ['engines/server/**', 'engines/core/**', ...contract, 'errors.ts', ...values],
  },
  {
    files: 'engines/{engine}/**',
    may: [
      'engines/{engine}/**',
      'engines/core/**',
      'engines/server/**',
      ...contract,
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
  },
  // The one place that loads the code for adopting databases of earlier programs, on demand.
  { files: 'migrations/load-migrations.ts', may: ['migrations/**', 'adoption/index.ts', ...contract] },
  {
    files: 'adoption/@(sqlite|postgres|mariadb)/**',
    may: ['adoption/**', 'engines/**', 'errors.ts', ...values],
  },
  { files: 'adoption/**', may: ['adoption/**', 'migrations/*.ts', ...contract, 'errors.ts', ...values] },
  {
    files: 'migrations/**',
    may: [
      'migrations/**',
      ...contract,
      'engines/core/layout-statements.ts',
      'errors.ts',
      'observability/events.ts',
      ...definitions,
      ...values,
    ],
  },
  // Reads everything, whatever its folder, and changes nothing.
  {
    files: 'doctor/**',
    may: [
      'doctor/**',
      'migrations/**',
      'records/**',
      // Lost records are described in the same terms as omitted ones.
      'transfer/salvage.ts',
      ...contract,
      'errors.ts',
      ...values,
    ],
  },
  // Repairs what the doctor finds.
  {
    files: 'repair/**',
    may: ['repair/**', 'doctor/**', 'migrations/**', 'records/**', ...contract, 'errors.ts', ...values],
  },
  {
    files: 'retention/**',
    may: [
      'retention/**',
      'records/**',
      'engines/contract/engine.ts',
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
  },
  {
    files: 'changes/**',
    may: [
      'changes/**',
      'records/names.ts',
      'records/repository/arguments.ts',
      'records/repository/page.ts',
      'engines/contract/engine.ts',
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
  },
  {
    files: 'store/@(store|store-internals).ts',
    may: [],
    mayTypes: [
      'store/**',
      'changes/**',
      'records/**',
      'retention/**',
      'migrations/**',
      'doctor/**',
      'repair/**',
      ...contract,
      'observability/*.ts',
    ],
  },
  {
    files: 'store/**',
    may: [
      'store/**',
      'changes/**',
      'records/**',
      'retention/**',
      'migrations/**',
      'doctor/**',
      'repair/**',
      'engines/core/**',
      'engines/registry.ts',
      ...contract,
      'config/**',
      'errors.ts',
      'observability/**',
      ...values,
    ],
  },
  {
    files: 'index.ts',
    may: [
      'config/**',
      'changes/**',
      'store/**',
      'changes/**',
      'records/**',
      'retention/**',
      'migrations/**',
      'doctor/**',
      'repair/**',
      'transfer/**',
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
    mayTypes: ['engines/contract/**', 'engines/core/load-driver.ts'],
  },
  {
    files: 'transfer/**',
    may: [
      'transfer/**',
      'store/store-internals.ts',
      'records/**',
      'migrations/**',
      'engines/contract/engine.ts',
      'engines/core/retry-on-conflict.ts',
      'engines/core/open-files.ts',
      'engines/core/side-files.ts',
      'errors.ts',
      'observability/events.ts',
      ...values,
    ],
    mayTypes: ['store/store.ts'],
  },
  {
    files: 'conformance/**',
    // The registry, to walk every record, also those that come later.
    may: ['conformance/**', 'index.ts', 'store/store-internals.ts', 'errors.ts', 'records/registry.ts'],
    mayTypes: ['records/**', 'engines/contract/engine.ts'],
  },
  {
    files: 'worker/**',
    may: ['worker/**', 'index.ts', 'errors.ts', 'records/model/**', 'records/repository/arguments.ts'],
  },
  {
    // For browsers too: no database, no server, nothing of Node.js.
    files: 'client/**',
    may: ['client/**', 'errors.ts'],
    mayTypes: [
      'server/**',
      'records/**',
      'store/store.ts',
      'changes/**',
      'doctor/**',
      'migrations/**',
      'retention/**',
    ],
  },
  {
    files: 'server/**',
    may: [
      'server/**',
      'records/**',
      'errors.ts',
      'observability/events.ts',
      // To measure a store.
      'store/store-internals.ts',
      ...values,
    ],
    mayTypes: [
      'store/**',
      'changes/**',
      'doctor/**',
      'retention/**',
      'observability/measurer.ts',
      'index.ts',
    ],
  },
  {
    files: 'cli/**',
    // Enumerations, times and the version import nothing: help can show them without loading the
    // library.
    may: [
      'cli/**',
      'index.ts',
      'worker/error-text.ts',
      'worker/wake.ts',
      'server/@(index|listen).ts',
      'store/open-store.ts',
      'migrations/**',
      'transfer/**',
      'config/**',
      'engines/core/open-files.ts',
      'engines/names-in.ts',
      'engines/tenants.ts',
      'records/*/enums.ts',
      'records/names.ts',
      ...values,
    ],
  },
]

/** A variant engine is a thin delta on one parent: child → parent. */
export const parentEngines: Readonly<Record<string, string>> = {}
