// What the HTTP API answers, as types. `npm run docs` writes it from the OpenAPI document;
// `npm run check` compares the two.

export interface Schemas {
  readonly Plan: {
    readonly planId: string
    readonly parentPlanId: string | null
    readonly rootPlanId: string
    readonly name: string | null
    readonly actionName: string
    readonly description: string
    readonly definitionOfDone: string | null
    readonly phase: "action" | "strategize" | "execute" | "apply"
    readonly state: "queued" | "processing" | "complete" | "errored" | "cancelled" | "applied" | "constrained"
    readonly attempt: number
    readonly automationProfile: {
      readonly name: string
      readonly provenance: "plan" | "action" | "project" | "global"
    }
    readonly effectiveProfile: {
      readonly name: string
      readonly description: string
      readonly decomposeTask: number
      readonly createTool: number
      readonly selectTool: number
      readonly editCode: number
      readonly executeCommand: number
      readonly createFile: number
      readonly deleteContent: number
      readonly accessNetwork: number
      readonly installDependency: number
      readonly modifyConfig: number
      readonly approvePlan: number
      readonly requireSandbox: boolean
      readonly requireCheckpoints: boolean
      readonly allowUnsafeTools: boolean
      readonly guards: {
        readonly maxCostUsd: unknown
        readonly maxTokens: number | null
        readonly maxToolCalls: number | null
        readonly deniedTools: readonly string[]
      }
      readonly schemaVersion: "1.0"
    } | null
    readonly actors: {
      readonly strategy: string | null
      readonly execution: string | null
      readonly review: string | null
      readonly apply: string | null
      readonly estimation: string | null
      readonly invariant: string | null
    }
    readonly projects: readonly ({
      readonly name: string
      readonly alias: string | null
      readonly readOnly: boolean
    })[]
    readonly arguments: readonly {
      readonly name: string
      readonly value: unknown
    }[]
    readonly invariants: readonly ({
      readonly text: string
      readonly source: "plan" | "action" | "project" | "global"
    })[]
    readonly changesetId: string | null
    readonly decisionRootId: string | null
    readonly lastCheckpointId: string | null
    readonly sandboxRefs: readonly string[]
    readonly validationSummary: Readonly<Record<string, unknown>> | null | null
    readonly executionEnvironment: "host" | "container" | null
    readonly executionEnvPriority: "fallback" | "override" | null
    readonly error: {
      readonly message: string
      readonly details: Readonly<Record<string, unknown>> | null | null
    } | null
    readonly reversionCount: number
    readonly lastCompletedStep: number
    readonly cancelReason: string | null
    readonly metadata: Readonly<Record<string, unknown>>
    readonly createdAt: string
    readonly updatedAt: string
    readonly strategizeStartedAt: string | null
    readonly strategizeCompletedAt: string | null
    readonly executeStartedAt: string | null
    readonly executeCompletedAt: string | null
    readonly applyStartedAt: string | null
    readonly appliedAt: string | null
    readonly cancelledAt: string | null
    readonly version: number
    readonly unreadable: readonly string[]
  }
  readonly Task: {
    readonly id: string
    readonly title: string
    readonly description: string
    readonly project: string
    readonly createdBy: string
    readonly type: "development" | "design" | "research" | "review" | "meeting" | "admin"
    readonly priority: "critical" | "high" | "medium" | "low"
    readonly assignedTo: string | null
    readonly parentTaskId: string | null
    readonly planId: string | null
    readonly reviewers: readonly string[]
    readonly dependencies: readonly string[]
    readonly delegationChain: readonly string[]
    readonly artifactsExpected: readonly ({
      readonly type: "code" | "tests" | "documentation"
      readonly path: string
    })[]
    readonly acceptanceCriteria: readonly {
      readonly description: string
      readonly met: boolean
    }[]
    readonly estimatedComplexity: "simple" | "medium" | "complex" | "epic"
    readonly budgetLimit: string
    readonly maxRetries: number
    readonly deadline: string | null
    readonly taskStructure: "sequential" | "parallel" | "mixed" | null
    readonly coordinationTopology: "sas" | "centralized" | "decentralized" | "context_dependent" | "auto"
    readonly status: "created" | "assigned" | "in_progress" | "in_review" | "completed" | "blocked" | "failed" | "interrupted" | "auth_required" | "suspended" | "cancelled" | "rejected"
    readonly metadata: Readonly<Record<string, unknown>>
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
    readonly claimId: string | null
    readonly leaseExpiresAt: string | null
    readonly attempt: number
    readonly availableAt: string | null
    readonly lastError: string | null
    readonly unreadable: readonly string[]
  }
  readonly Budget: {
    readonly name: string
    readonly scope: "everything" | "project" | "agent" | "model" | "plan" | "task"
    readonly target: string | null
    readonly period: "total" | "hour" | "day" | "week" | "month"
    readonly timeZone: string
    readonly limit: string
    readonly currency: string
    readonly warnAt: number
    readonly whenExceeded: "refuse" | "warn"
    readonly active: boolean
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
    readonly unreadable: readonly string[]
  }
  readonly CostRecord: {
    readonly id: string
    readonly idempotencyKey: string | null
    readonly agentId: string
    readonly sessionId: string | null
    readonly taskId: string | null
    readonly planId: string | null
    readonly project: string | null
    readonly provider: string
    readonly model: string
    readonly biller: string | null
    readonly inputTokens: number
    readonly outputTokens: number
    readonly reasoningTokens: number
    readonly cacheReadTokens: number
    readonly cacheWriteTokens: number
    readonly cacheWrite1hTokens: number
    readonly cost: string | null
    readonly costStatus: "reported" | "computed" | "unpriced"
    readonly priceSource: string | null
    readonly currency: string
    readonly timestamp: string
    readonly callCategory: "productive" | "coordination" | "system" | "embedding" | null
    readonly latencyMs: number | null
    readonly success: boolean | null
    readonly finishReason: string | null
    readonly source: string | null
    readonly metadata: Readonly<Record<string, unknown>>
    readonly reservationId: string | null
    readonly unreadable: readonly string[]
  }
  readonly Message: {
    readonly id: string
    readonly timestamp: string
    readonly sender: string
    readonly to: string
    readonly channel: string
    readonly type: "task_update" | "question" | "announcement" | "review_request" | "approval" | "delegation" | "status_report" | "escalation" | "meeting_contribution" | "hr_notification" | "dissent" | "context_injection"
    readonly priority: "low" | "normal" | "high" | "urgent"
    readonly content: string
    readonly parts: readonly unknown[] | null
    readonly attachments: readonly ({
      readonly type: "artifact" | "file" | "link"
      readonly ref: string
    })[]
    readonly metadata: {
      readonly taskId: string | null
      readonly projectId: string | null
      readonly planId: string | null
      readonly tokensUsed: number | null
      readonly costUsd: string | null
      readonly extra: readonly (readonly unknown[])[]
    }
    readonly unreadable: readonly string[]
  }
  readonly Agent: {
    readonly id: string
    readonly displayName: string | null
    readonly role: string | null
    readonly status: "active" | "idle" | "stopped"
    readonly capabilities: readonly string[]
    readonly metadata: Readonly<Record<string, unknown>>
    readonly lastSeenAt: string
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
    readonly unreadable: readonly string[]
  }
  readonly Approval: {
    readonly id: string
    readonly idempotencyKey: string | null
    readonly kind: string
    readonly subjectType: string
    readonly subjectId: string | null
    readonly planId: string | null
    readonly taskId: string | null
    readonly requestedBy: string
    readonly reason: string | null
    readonly details: unknown
    readonly riskLevel: "low" | "medium" | "high" | "critical"
    readonly status: "pending" | "approved" | "rejected" | "expired" | "withdrawn"
    readonly expiresAt: string | null
    readonly decidedBy: string | null
    readonly decidedAt: string | null
    readonly decisionReason: string | null
    readonly usedAt: string | null
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
    readonly unreadable: readonly string[]
  }
  readonly AuditEntry: {
    readonly id: string
    readonly sequence: number
    readonly timestamp: string
    readonly actor: string
    readonly action: string
    readonly subjectType: string
    readonly subjectId: string | null
    readonly planId: string | null
    readonly taskId: string | null
    readonly verdict: "allow" | "deny" | "escalate" | "record"
    readonly riskLevel: "low" | "medium" | "high" | "critical"
    readonly reason: string | null
    readonly matchedRules: readonly string[]
    readonly argumentsHash: string | null
    readonly details: unknown
    readonly previousHash: string
    readonly hash: string
    readonly unreadable: readonly string[]
  }
  readonly CostSums: {
    readonly cost: string
    readonly currency: string
    readonly inputTokens: number | string
    readonly outputTokens: number | string
    readonly cacheReadTokens: number | string
    readonly cacheWriteTokens: number | string
    readonly unpriced: number | string
    readonly records: number | string
  }
  readonly CostTotal: {
    readonly cost: string
    readonly currency: string
    readonly inputTokens: number | string
    readonly outputTokens: number | string
    readonly cacheReadTokens: number | string
    readonly cacheWriteTokens: number | string
    readonly unpriced: number | string
    readonly records: number | string
    readonly previous?: Schemas['CostSums']
  }
  readonly BudgetStatus: {
    readonly budget: Schemas['Budget']
    readonly period: {
      readonly begin: string | null
      readonly end: string | null
    }
    readonly spent: string
    readonly held: string
    readonly remaining: string
    readonly share: number
    readonly level: "within" | "warned" | "exceeded"
    readonly unpriced: number
  }
}
