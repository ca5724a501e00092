/** So many at a time; who finds no lane free waits, first come, first served. */
export type Lanes = {
  /** @returns what gives the lane back; to call it again does no harm */
  readonly enter: () => Promise<() => void>;
};

export function createLanes(count: number): Lanes {
  let free = count;
  const waiting: ((leave: () => void) => void)[] = [];

  function lane(): () => void {
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      const next = waiting.shift();
      if (next) next(lane());
      else free += 1;
    };
  }

  return {
    enter() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return Promise.resolve(lane());
    },
  };
}
