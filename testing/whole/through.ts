/** All that a pair of streams gives for these pieces. */
export async function through(pair: object, pieces: readonly unknown[]): Promise<unknown[]> {
  const { readable, writable } = pair as ReadableWritablePair<unknown, unknown>;
  const writer = writable.getWriter();
  const written = (async () => {
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
  })();
  const all: unknown[] = [];
  const reader = readable.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      all.push(next.value);
    }
    await written;
  } catch (error) {
    await written.catch(() => undefined);
    throw error;
  }
  return all;
}
