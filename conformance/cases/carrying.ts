/** Whether values can be posted here: workerd has channels from some compatibility date on. */
export const HAS_CHANNELS: boolean = typeof MessageChannel === "function";

/** What comes out of the other end of a message channel. */
export async function posted(value: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  try {
    const received = new Promise<unknown>((resolve, reject) => {
      port2.onmessage = (event: { data: unknown }): void => resolve(event.data);
      port2.onmessageerror = (): void => reject(new Error("messageerror"));
    });
    port1.postMessage(value);
    return await received;
  } catch (error) {
    if ((error as Error).name === "DataCloneError") return {};
    throw error;
  } finally {
    port1.close();
    port2.close();
  }
}

/** Whether a clone holds nothing but empty objects. */
export function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return false;
  return Reflect.ownKeys(value).every(
    (key) => key === "length" || isEmpty(Reflect.get(value, key)),
  );
}
