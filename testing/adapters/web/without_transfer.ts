/** A page in a browser that lacks `ArrayBuffer.prototype.transfer`, as those before 2023 or 2024. */
const { console } = globalThis;
Reflect.deleteProperty(ArrayBuffer.prototype, "transfer");
const { openSecrets } = await import("../../../adapters/web/mod.ts");
try {
  openSecrets();
  console.error("opened");
} catch (error) {
  const { name, code, message } = error as { name: string; code: string; message: string };
  console.error(`${name} ${code}: ${message}`);
}

export {};
