// Profiles out of YAML and JSON: what is read, what is refused and how that is told, without a word
// of the file.

import { describe, expect, test } from 'vitest'
import { newProfile } from '../../src/conformance/support/samples.ts'
import {
  automationSteps,
  builtInProfiles,
  InvalidRecordError,
  parseAutomationProfile,
} from '../../src/index.ts'

const thresholds = automationSteps.map((step) => `${step}: 0.5`).join('\n')
const yaml = `name: local/careful\n${thresholds}\n`

function issuesOf(text: string): InvalidRecordError {
  try {
    parseAutomationProfile(text)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRecordError)
    return error as InvalidRecordError
  }
  throw new Error('nothing was thrown')
}

describe('a profile', () => {
  test('in YAML, with comments and guards', () => {
    const text = `# ours\n${yaml}editCode: 1\n`.replace('editCode: 0.5\n', '')
    const profile = parseAutomationProfile(
      `${text}requireSandbox: false\nguards:\n  maxCostUsd: 2.5\n  deniedTools: [shell, browser]\n`,
    )
    expect(profile).toMatchObject({
      name: 'local/careful',
      description: '',
      editCode: 1,
      createTool: 0.5,
      requireSandbox: false,
      requireCheckpoints: true,
      allowUnsafeTools: false,
      guards: { maxCostUsd: 2.5, maxTokens: null, maxToolCalls: null, deniedTools: ['shell', 'browser'] },
      schemaVersion: '1.0',
    })
  })

  test('in JSON, as it was and as it is written', () => {
    expect(parseAutomationProfile(JSON.stringify(newProfile()))).toEqual(newProfile())
    expect(parseAutomationProfile(JSON.stringify(newProfile(), null, 2))).toEqual(newProfile())
    const again = parseAutomationProfile(JSON.stringify(parseAutomationProfile(yaml)))
    expect(again).toEqual(parseAutomationProfile(yaml))
  })

  test('in snake_case, as other systems write it, also in part', () => {
    const snake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const whole = `${yaml}requireSandbox: false\nschemaVersion: "1.0"\nguards:\n  maxCostUsd: 2.5\n  deniedTools: [shell]\n`
    const other = whole.replaceAll(/^ *[a-zA-Z]+(?=:)/gm, snake)
    expect(other).toContain('decompose_task: 0.5')
    expect(other).toContain('max_cost_usd: 2.5')
    expect(parseAutomationProfile(other)).toEqual(parseAutomationProfile(whole))
    const mixed = yaml.replace('editCode', 'edit_code')
    expect(parseAutomationProfile(mixed)).toEqual(parseAutomationProfile(yaml))
  })

  test('of every built-in one under a name of one’s own', () => {
    for (const profile of builtInProfiles.values()) {
      const own = { ...profile, name: `local/${profile.name}` }
      expect(parseAutomationProfile(JSON.stringify(own))).toEqual(own)
    }
  })
})

describe('what is refused', () => {
  test('a key in another spelling is told the right one, at any place of the word', () => {
    for (const [wrong, right] of [
      ['decompose-task', 'decomposeTask'],
      ['edit-code', 'editCode'],
      ['require__sandbox', 'requireSandbox'],
      ['schema-version', 'schemaVersion'],
    ]) {
      const { issues } = issuesOf(`${yaml}${wrong}: 0\n`)
      expect(issues).toHaveLength(1)
      expect(issues[0]).toMatchObject({ code: 'unknown_key', path: [] })
      expect(issues[0]?.message).toContain(`"${wrong}"`)
      expect(issues[0]?.message).toContain(`it is written ${right}`)
    }
  })

  test('a field in both spellings, with the advice to keep one', () => {
    const { issues } = issuesOf(
      `${yaml}edit_code: 0\nguards:\n  max_tokens: 5\n  maxTokens: 5\n  denied_tools: []\n`,
    )
    expect(issues).toEqual([
      {
        path: ['editCode'],
        code: 'repeated_key',
        message: 'is there twice, as editCode and as edit_code; keep one of them',
      },
      {
        path: ['guards', 'maxTokens'],
        code: 'repeated_key',
        message: 'is there twice, as maxTokens and as max_tokens; keep one of them',
      },
    ])
  })

  test('other unknown keys are named, and get no advice', () => {
    for (const key of ['colour', 'to_string', 'constructor', '__proto__', 'edit_codes', 'EditCode']) {
      const { issues } = issuesOf(`${yaml}${key}: 0\n`)
      expect(issues[0]?.code).toBe('unknown_key')
      expect(issues[0]?.message).not.toContain('it is written')
    }
    const { issues } = issuesOf(`${yaml}colour: red\nguards:\n  most_tokens: 5\n`)
    expect(issues.map(({ code, path }) => `${code} ${path.join('.')}`).toSorted()).toEqual([
      'unknown_key ',
      'unknown_key guards',
    ])
  })

  test('thresholds outside of 0 to 1, and all that are missing, each by its name', () => {
    for (const [value, code] of [
      ['1.5', 'too_big'],
      ['-0.1', 'too_small'],
      ['.inf', 'type'],
      ['.nan', 'type'],
      ['yes', 'type'],
      ['"0.5"', 'type'],
      ['null', 'type'],
      ['[0]', 'type'],
    ] as const) {
      const { issues } = issuesOf(yaml.replace('editCode: 0.5', `editCode: ${value}`))
      expect(issues.map(({ path }) => path)).toEqual([['editCode']])
      expect(issues[0]?.code, value).toBe(code)
    }
    const { issues } = issuesOf('name: local/careful\n')
    expect(issues.map(({ path }) => path[0])).toEqual([...automationSteps])
    expect(new Set(issues.map(({ code }) => code))).toEqual(new Set(['required']))
  })

  test('names of built-in profiles, and names without a namespace', () => {
    for (const name of builtInProfiles.keys()) {
      const { issues } = issuesOf(yaml.replace('local/careful', name))
      expect(issues[0]).toMatchObject({ path: ['name'], code: 'built_in' })
      expect(issues[0]?.message).toContain(`local/${name}`)
    }
    for (const name of ['careful', '""', 'a/b/c', '5', 'null', 'local/']) {
      expect(issuesOf(yaml.replace('local/careful', name)).issues[0]?.path).toEqual(['name'])
    }
  })

  test('text that is no object', () => {
    for (const text of ['', 'null', '5', 'text', '[]', '- a\n- b', '"{}"', '# nothing']) {
      expect(issuesOf(text).issues[0], text).toMatchObject({ path: [], code: 'type' })
    }
  })

  test('text that cannot be parsed, without a word of it', () => {
    const bomb = [
      'a: &a [secret, secret, secret, secret, secret, secret, secret, secret, secret, secret]',
      ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key, index) => {
        const before = `*${'abcdefg'[index]}`
        return `${key}: &${key} [${Array(10).fill(before).join(', ')}]`
      }),
    ].join('\n')
    for (const text of [
      bomb,
      '{"name": "secret"',
      'name: secret\n  bad: indent',
      `${yaml}name: secret\n`,
      `${yaml}---\n${yaml}secret: 1`,
      '\tsecret: 1',
      'secret: *nobody',
    ]) {
      const error = issuesOf(text)
      expect(error.issues[0]?.code, text.slice(0, 30)).toBe('syntax')
      expect(error.message).not.toContain('secret')
      expect(error.cause).toBeUndefined()
    }
  })

  test('everything else that is no text', () => {
    for (const odd of [undefined, null, 5, {}, []]) {
      expect(() => parseAutomationProfile(odd as unknown as string)).toThrow(InvalidRecordError)
    }
  })
})
