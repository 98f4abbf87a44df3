import { exponentialOfMinus } from './logarithm.ts';

/**
 * The quadrature goes over the logarithm of time, where the integrand is a bell for a weight of any size: the trapezoidal
 * rule is then exact to far below the spread of the hash itself. From e⁻²⁰ of the time that the draws take in the mean,
 * which weights a million times the others' need, to e⁴ of it.
 */
const POINTS = 72;
const FIRST = exponentialOfMinus(20);
const STEP = 1 / 3;
const RATIO = 1 / exponentialOfMinus(STEP);
/** Halvings of an interval: beyond a double's last digit. */
const BISECTIONS = 60;

/**
 * How likely each of some things is to be among the first `rounds` that are drawn without putting back, the weight of
 * each being its chance at every draw: what rendezvous hashing gives it while nothing is full.
 *
 * Each thing arrives after an exponential time of its weight as rate; with `n` rounds it is drawn when fewer than `n`
 * others arrived before it. The density of its arrival times the chance of that, integrated over time.
 *
 * @returns for 1, 2 … `rounds` rounds, the chance of each
 */
export function drawingOdds(weights: readonly number[], rounds: number): number[][] {
  const count = weights.length;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const equal = weights.every((weight) => weight === weights[0]);
  return Array.from({ length: rounds }, (_, index) => {
    const draws = index + 1;
    if (draws >= count) return weights.map(() => 1);
    if (equal) return weights.map(() => draws / count);
    if (draws === 1) return weights.map((weight) => weight / sum);
    return integrate(
      weights.map((weight) => weight / sum),
      draws,
    );
  });
}

function integrate(rates: readonly number[], draws: number): number[] {
  const scale = timeUntil(
    rates,
    rates.map(() => 1),
    draws,
  );
  const odds = rates.map(() => 0);
  let time = scale * FIRST;
  for (let point = 0; point < POINTS; point += 1, time *= RATIO) {
    const absent = rates.map((rate) => exponentialOfMinus(rate * time));
    const after = countsFromEachOn(absent, draws);
    let before: number[] = Array.from({ length: draws }, (_, arrived) => (arrived === 0 ? 1 : 0));
    for (const [index, rate] of rates.entries()) {
      const rest = after[index + 1]!;
      let few = 0;
      let upTo = 0;
      for (let arrived = draws - 1; arrived >= 0; arrived -= 1) {
        upTo += rest[draws - 1 - arrived]!;
        few += before[arrived]! * upTo;
      }
      odds[index] = odds[index]! + rate * absent[index]! * few * time * STEP;
      before = withOneMore(before, absent[index]!);
    }
  }
  // What the quadrature misses is spread over all: together they fill exactly the places drawn.
  const missed = draws / odds.reduce((total, chance) => total + chance, 0);
  return odds.map((chance) => Math.min(1, chance * missed));
}

/** For each index, the chances that 0, 1 … `draws - 1` of the things from there on have arrived. */
function countsFromEachOn(absent: readonly number[], draws: number): number[][] {
  const counts: number[][] = [Array.from({ length: draws }, (_, arrived) => (arrived === 0 ? 1 : 0))];
  for (let index = absent.length - 1; index >= 0; index -= 1) counts.push(withOneMore(counts.at(-1)!, absent[index]!));
  return counts.reverse();
}

function withOneMore(counts: readonly number[], absent: number): number[] {
  return counts.map((chance, arrived) => chance * absent + (arrived > 0 ? counts[arrived - 1]! * (1 - absent) : 0));
}

/** The time at which `expected` things have arrived in the mean, each counting by its part. */
export function timeUntil(rates: readonly number[], parts: readonly number[], expected: number): number {
  const arrivedBy = (time: number): number =>
    rates.reduce((total, rate, index) => total + parts[index]! * (1 - exponentialOfMinus(rate * time)), 0);
  let high = 1;
  // A rate so small that it is never waited for would ask for ever.
  for (let doublings = 0; arrivedBy(high) < expected && doublings < BISECTIONS; doublings += 1) high *= 2;
  let low = 0;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (arrivedBy(middle) < expected) low = middle;
    else high = middle;
  }
  return high;
}
