// Parses a profile from YAML or JSON text. Known keys may be in snake_case; unknown keys are
// errors, and for a key in another spelling the error names the right one.

import { InvalidRecordError, type Issue } from '../../errors.ts'
import { parseYaml, placeInYaml } from '../../values/yaml.ts'
import { parseOrThrow } from '../model/issues.ts'
import { builtInProfiles } from './built-in.ts'
import { type AutomationProfile, type NewAutomationProfile, newProfileRule } from './profile.ts'
import { inOneSpelling } from './spelling.ts'

const SUBJECT = 'automation profile'

/**
 * Keys may be in snake_case, as other systems write them: `decompose_task`, `max_cost_usd`.
 * @param text YAML, of which JSON is a subset
 * @throws InvalidRecordError with every issue
 * @example parseAutomationProfile(await readFile('careful.yaml', 'utf8'))
 */
export function parseAutomationProfile(text: string): AutomationProfile {
  let content: unknown
  try {
    content = parseYaml(text, { maxAliasCount: 100 })
  } catch (error) {
    // Without the parser's message, because it quotes the file.
    throw invalid([], 'syntax', `is neither valid YAML nor valid JSON${placeInYaml(error)}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid([], 'type', 'must be an object of names and values')
  }
  const profile = inOneSpelling(SUBJECT, content as Readonly<Record<string, unknown>>)
  return checkProfile(profile as NewAutomationProfile)
}

/** @throws InvalidRecordError, also for the name of a built-in profile */
export function checkProfile(input: NewAutomationProfile): AutomationProfile {
  const name = (input as { readonly name?: unknown } | undefined)?.name
  if (typeof name === 'string') assertNotBuiltIn(name)
  try {
    return parseOrThrow(SUBJECT, newProfileRule, input)
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error
    throw new InvalidRecordError(
      SUBJECT,
      error.issues.flatMap((issue) => explained(issue, input)),
    )
  }
}

/** @throws InvalidRecordError for the name of a built-in profile, which cannot be edited */
export function assertNotBuiltIn(name: string): void {
  if (!builtInProfiles.has(name)) return
  throw invalid(
    ['name'],
    'built_in',
    `${name} is built in and cannot be changed; give a profile of your own a name such as local/${name}`,
  )
}

/** Other systems write `decompose_task` for `decomposeTask`. */
function explained(issue: Issue, input: unknown): readonly Issue[] {
  if (issue.code !== 'unknown_key' || issue.path.length > 0) return [issue]
  const key = Object.keys(input as object).find((candidate) =>
    issue.message.endsWith(JSON.stringify(candidate)),
  )
  const camel = key?.replaceAll(/[_-]+([a-z])/g, (_, letter: string) => letter.toUpperCase())
  if (!camel || camel === key || !Object.hasOwn(newProfileShape, camel)) return [issue]
  return [{ ...issue, message: `${issue.message}; it is written ${camel}` }]
}

const newProfileShape = newProfileRule.unwrap().shape

function invalid(path: Issue['path'], code: string, message: string): InvalidRecordError {
  return new InvalidRecordError(SUBJECT, [{ path, code, message }])
}
