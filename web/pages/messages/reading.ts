// How far each channel was read, in this browser: the time of the newest message that was shown.

const KEY = 'purser.read.'

export function readUntil(channel: string): string {
  return localStorage.getItem(KEY + channel) ?? ''
}

export function markRead(channel: string, timestamp: string): void {
  if (timestamp > readUntil(channel)) localStorage.setItem(KEY + channel, timestamp)
}
