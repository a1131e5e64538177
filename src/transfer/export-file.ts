// Writes an export to a file atomically: under a temporary name beside it first, synced, then
// renamed. A name that ends in .gz makes it compressed.

import { randomUUID } from 'node:crypto'
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { isOpenDatabase } from '../engines/core/open-files.ts'
import { sideNameProblem } from '../engines/core/side-files.ts'
import { TransferError } from '../errors.ts'
import { parseOrThrow } from '../records/model/issues.ts'
import { readOptions } from '../records/repository/arguments.ts'
import type { Store } from '../store/store.ts'
import { type ExportOptions, type ExportReport, exportOptions, exportRecords } from './export.ts'

export interface ExportFileOptions extends ExportOptions {
  /** Replaces an existing file once the new one is complete; otherwise it is refused. */
  readonly replace?: boolean | undefined
}

const fileOptions = { ...exportOptions, replace: z.boolean() } satisfies Record<
  keyof ExportFileOptions,
  unknown
>

export interface ExportFileReport extends ExportReport {
  readonly path: string
  /** The size of the file, compressed if the file is. */
  readonly fileBytes: number
}

/**
 * Exports a whole store to a file (mode 0600), compressed with gzip if its name ends in `.gz`. The
 * file under that name is never partial: if the export fails, the previous content is kept.
 * @throws TransferError if the file exists already, cannot be written, or has the name of a file
 * that SQLite keeps beside a database (`-wal`, `-shm`, `-journal`); and what `exportRecords` throws
 * @example await exportToFile(store, 'backup/2026-01-31.jsonl.gz')
 */
export async function exportToFile(
  store: Store,
  path: string,
  options: ExportFileOptions = {},
): Promise<ExportFileReport> {
  const { replace = false, ...rest } = readOptions('exportToFile', fileOptions, options)
  parseOrThrow('exportToFile', z.string().min(1), path, ['path'])
  const target = resolve(path)
  const problem = sideNameProblem(target)
  if (problem !== undefined) throw new TransferError(problem)
  if (!replace && (await isThere(target))) throw taken(target)
  if (isOpenDatabase(target))
    throw new TransferError(`${target} is a database that is open here; name another file for the export`)
  const part = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.part`)
  try {
    const file = await open(part, 'wx', 0o600)
    let report: ExportReport
    try {
      report = await fill(file, exportRecords(store, rest), target.endsWith('.gz'))
      await file.sync()
    } finally {
      await file.close()
    }
    const { size } = await stat(part)
    if (replace) await rename(part, target)
    else await give(part, target)
    await syncFolder(dirname(target))
    return { ...report, path: target, fileBytes: size }
  } catch (error) {
    throw describe(error, target)
  } finally {
    await rm(part, { force: true })
  }
}

async function fill(
  file: FileHandle,
  pieces: AsyncGenerator<Uint8Array, ExportReport, undefined>,
  isPacked: boolean,
): Promise<ExportReport> {
  const written: { report?: ExportReport } = {}
  const write = async (ready: AsyncIterable<Uint8Array>) => {
    for await (const piece of ready) await writeWhole(file, piece)
  }
  const source = reported(pieces, written)
  if (isPacked) {
    const { createGzip } = await import('node:zlib')
    await pipeline(Readable.from(source, { highWaterMark: 1 }), createGzip({ chunkSize: 65_536 }), write)
  } else await write(source)
  if (!written.report) throw new TypeError('the export ended without a report')
  return written.report
}

async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let start = 0; start < piece.length; ) start += (await file.write(piece, start)).bytesWritten
}

async function* reported<T>(
  pieces: AsyncGenerator<Uint8Array, T, undefined>,
  written: { report?: T },
): AsyncGenerator<Uint8Array> {
  written.report = yield* pieces
}

/** Gives a file its name, unless another file has it by now. */
async function give(part: string, target: string): Promise<void> {
  try {
    await link(part, target)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(target)
    // Some file systems have no hard links.
    if (await isThere(target)) throw taken(target)
    await rename(part, target)
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw describe(error, path)
  }
}

/**
 * The new name is durable once its folder is synced. Not every system permits opening a folder for
 * that.
 */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function taken(path: string): TransferError {
  return new TransferError(
    `${path} is there already; it was left as it is. Choose another name, or have it replaced`,
  )
}

const faults: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; nothing was left there. Free space and repeat the export',
  EDQUOT: 'the disk quota is used up; nothing was left there. Free space and repeat the export',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk failed',
}

function describe(error: unknown, path: string): unknown {
  const code = codeOf(error)
  // System errors also have an errno; errors of stores keep their own messages.
  if (code === undefined || !(error instanceof Error && 'errno' in error)) return error
  return new TransferError(`${path} cannot be written: ${faults[code] ?? code}`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
