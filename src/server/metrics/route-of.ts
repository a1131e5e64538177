// The template of the route that a request took, for metrics: never its path, which has ids.

import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** `/v1/tasks/{id}`; undefined for a path that is no route, and for files of the dashboard. */
export function routeOf(c: Context): string | undefined {
  const own = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))
  return own?.path.replaceAll(/:(\w+)/g, '{$1}')
}
