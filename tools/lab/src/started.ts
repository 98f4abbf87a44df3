/** Starts a part of a test; one that cannot start is stopped again. Gives it back. */
export async function started<Part extends { start(): Promise<void>; stop(): Promise<void> }>(
  part: Part,
): Promise<Part> {
  try {
    await part.start();
  } catch (error) {
    await part.stop();
    throw error;
  }
  return part;
}
