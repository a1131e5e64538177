// P19: projects: create, change, list, delete, and what plans take from them.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import type { NewProject, ProjectPatch } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newCost, newPlan, newTask } from '../support/samples.ts'
import { fullProject } from '../support/template-samples.ts'

const changes: Required<ProjectPatch> = {
  description: 'Something else',
  automationProfile: null,
  invariants: [],
  budget: 'of the parser',
  executionEnvironment: 'host',
  executionEnvPriority: 'fallback',
  readOnly: false,
  metadata: { other: true },
}

export const projectCases: readonly ConformanceCase[] = [
  {
    id: 'P19',
    name: 'a project comes back as it was given, and changes field by field under version control',
    async run(harness) {
      const store = await openFresh(harness)
      const least = await store.projects.create({ name: 'least' })
      const { createdAt, updatedAt, ...rest } = least
      assert.deepEqual(rest, {
        name: 'least',
        description: '',
        automationProfile: null,
        invariants: [],
        budget: null,
        executionEnvironment: null,
        executionEnvPriority: null,
        readOnly: false,
        metadata: {},
        version: 1,
        unreadable: [],
      })
      assert.equal(createdAt.getTime(), updatedAt.getTime())
      let project = await store.projects.create(fullProject())
      assert.deepEqual({ ...project, ...fullProject() }, project)
      assert.deepEqual(await store.projects.get(project.name), project)
      await store.budgets.create({
        ...{ name: 'of the parser', scope: 'project', target: 'parser', period: 'month', limit: '20' },
      })
      for (const [field, value] of Object.entries(changes)) {
        const updated = await store.projects.update(project.name, { [field]: value }, project)
        const { version, updatedAt: at } = updated
        assert.deepEqual(updated, { ...project, [field]: value, version, updatedAt: at }, field)
        assert.equal(version, project.version + 1)
        assert.deepEqual(await store.projects.get(project.name), updated, field)
        project = updated
      }
      assert.deepEqual((await store.projects.list()).items, [least, project])
      assert.deepEqual((await store.projects.list({ name: ['parser', 'none'] })).items, [project])
      assert.equal(await store.projects.count({ readOnly: true }), 0)
      assert.equal(await store.projects.delete('parser'), true)
      assert.equal(await store.projects.delete('parser'), false)
      assert.equal(await store.projects.get('parser'), null)
    },
  },
  {
    id: 'P19b',
    name: 'what is no project, is there already, or has changed since is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.projects.create({ name: 'parser' })
      await rejection(DuplicateRecordError, () => store.projects.create({ name: 'parser', description: 'x' }))
      await store.budgets.create({ name: 'of all', scope: 'everything', period: 'day', limit: '1' })
      const wrong: readonly object[] = [
        { name: '' },
        { description: null },
        { automationProfile: 'nobody' },
        { automationProfile: '' },
        { invariants: [{ text: ' ' }] },
        { invariants: [{ text: 'x', colour: 'red' }] },
        {
          invariants: [
            { text: 'x', name: 'n' },
            { text: 'y', name: 'n' },
          ],
        },
        { budget: 'none' },
        { budget: 'of all' },
        { executionEnvironment: 'moon' },
        { executionEnvPriority: 'override' },
        { readOnly: 'yes' },
        { metadata: [] },
        { colour: 'red' },
      ]
      for (const invalid of wrong) {
        const about = JSON.stringify(invalid)
        const input = { name: 'other', ...invalid } as NewProject
        await rejection(InvalidRecordError, () => store.projects.create(input), about)
        await rejection(InvalidRecordError, () => store.projects.update('parser', invalid, made), about)
      }
      await rejection(RecordNotFoundError, () => store.projects.update('other', {}, { version: 1 }))
      await rejection(VersionConflictError, () => store.projects.update('parser', {}, { version: 2 }))
      assert.deepEqual((await store.projects.list()).items, [made])
      const updates = Array.from({ length: 20 }, (_, index) =>
        store.projects.update('parser', { description: `Text ${index}` }, made),
      )
      assert.deepEqual(tally(codesOf(await Promise.allSettled(updates))), { stored: 1, VERSION_CONFLICT: 19 })
    },
  },
  {
    id: 'P19c',
    name: 'each change has an audit entry with the names of the fields and the version, and no content',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.as('ada').projects.create({ name: 'parser', description: 'secret words' })
      await store.as('bob').projects.update('parser', { description: 'other words', readOnly: true }, made)
      await store.as('cleo').projects.delete('parser')
      const { items } = await store.audit.query({ subjectType: 'project' })
      assert.deepEqual(
        items.map(({ action, actor, subjectId, details }) => [action, actor, subjectId, details]),
        [
          ['project:delete', 'cleo', 'parser', null],
          ['project:update', 'bob', 'parser', { fields: ['description', 'readOnly'], version: 2 }],
          ['project:create', 'ada', 'parser', { version: 1 }],
        ],
      )
      assert.doesNotMatch(JSON.stringify(items), /words/)
    },
  },
  {
    id: 'P19d',
    name: 'a name without a record is a label: plans, tasks and costs may have it, also once the record is gone',
    async run(harness) {
      const store = await openFresh(harness)
      const projects = [{ name: 'unknown' }]
      const plan = await store.plans.create(newPlan({ projects }))
      assert.equal(plan.automationProfile.provenance, 'global')
      await store.tasks.create(newTask({ project: 'unknown' }))
      await store.costRecords.append(newCost({ project: 'unknown' }))
      await store.projects.create({ name: 'unknown', automationProfile: 'manual' })
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      const later = await store.plans.create(newPlan({ projects }))
      assert.deepEqual(later.automationProfile, { name: 'manual', provenance: 'project' })
      await store.projects.delete('unknown')
      const last = await store.plans.create(newPlan({ projects }))
      assert.deepEqual(last.automationProfile, { name: 'balanced', provenance: 'global' })
      assert.equal(await store.plans.count({ project: 'unknown' }), 3)
    },
  },
  {
    id: 'P19e',
    name: 'a project made in a transaction counts in it, and is gone with it',
    async run(harness) {
      const store = await openFresh(harness)
      const failing = store.transaction(async (tx) => {
        await tx.projects.create({ name: 'parser', automationProfile: 'ci' })
        const plan = await tx.plans.create(newPlan({ projects: [{ name: 'parser' }] }))
        assert.equal(plan.automationProfile.name, 'ci')
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.equal(await store.projects.count(), 0)
      const unknown = { name: 'other', automationProfile: 'nowhere/none' }
      const error = await rejection(InvalidRecordError, () => store.projects.create(unknown))
      assert.deepEqual(only(error.issues).path, ['automationProfile'])
    },
  },
]
