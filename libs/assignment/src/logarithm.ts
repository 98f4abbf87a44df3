/**
 * Logarithm and exponential from + - * / alone. ECMA-262 leaves the last digits of `Math.log` and `Math.exp` to the
 * engine; IEEE 754 leaves none of these four to anybody, so every host gets the same bits.
 */

/** ln(c) for c in [0.5, 1] by the series of the area hyperbolic tangent: 2·artanh((c - 1)/(c + 1)). */
function seriesLog(c: number): number {
  const z = (c - 1) / (c + 1);
  const square = z * z;
  let sum = 0;
  // |z| ≤ 1/3: the 20th term is below a double's last digit.
  for (let term = 20; term >= 0; term -= 1) sum = sum * square + 1 / (2 * term + 1);
  return 2 * z * sum;
}

const LN2 = -seriesLog(0.5);
/** Entries of the table over [0.5, 1): with the four terms below, the error is under a double's last digit. */
const STEPS = 1024;
const CENTRE_INVERSE = new Float64Array(STEPS);
const CENTRE_LOG = new Float64Array(STEPS);
for (let step = 0; step < STEPS; step += 1) {
  const centre = (STEPS + step + 0.5) / (2 * STEPS);
  CENTRE_INVERSE[step] = 1 / centre;
  CENTRE_LOG[step] = -seriesLog(centre);
}

/** -ln((hash + ½) / 2³²): the exponential variate of an unsigned 32-bit hash. */
export function negativeLog(hash: number): number {
  const zeros = Math.clz32(hash);
  // 2^zeros, also for the 32 of a hash of 0; the product lies in [2³¹, 2³²).
  const scaled = (hash + 0.5) * (zeros === 32 ? 4294967296 : (1 << zeros) >>> 0);
  const step = Math.floor(scaled / 2097152) - STEPS;
  const r = (scaled / 4294967296) * CENTRE_INVERSE[step]! - 1;
  return zeros * LN2 + CENTRE_LOG[step]! - r * (1 - r * (0.5 - r * (1 / 3 - r * 0.25)));
}

/** e to the power of -x, for x ≥ 0. */
export function exponentialOfMinus(x: number): number {
  if (x > 700) return 0;
  // Halved until the series is short, then squared as often.
  let halvings = 0;
  let rest = x;
  while (rest > 0.125) {
    rest /= 2;
    halvings += 1;
  }
  let sum = 1;
  for (let term = 10; term >= 1; term -= 1) sum = 1 - (rest / term) * sum;
  for (; halvings > 0; halvings -= 1) sum *= sum;
  return sum;
}
