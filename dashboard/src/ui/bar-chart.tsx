import classes from './bar-chart.module.css';

/** From bottom to top. */
export interface Bar {
  /** Shown on hover, as in `09:41: 12 started`. */
  readonly title: string;
  readonly parts: readonly { readonly tone: 'info' | 'good' | 'bad' | 'neutral'; readonly value: number }[];
}

interface BarChartProps {
  readonly bars: readonly Bar[];
  /** All that the picture says, for those who do not see it. */
  readonly label: string;
}

const HEIGHT = 56;
const STEP = 8;
const BAR = 6;
/** What is not nothing must not look like it. */
const LEAST = 1.5;

/** Stacked bars, scaled to the highest one. */
export function BarChart({ bars, label }: BarChartProps) {
  const highest = Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bars.map(({ title, parts }, index) => {
        let top = HEIGHT;
        return (
          <g key={index}>
            <title>{title}</title>
            <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} className={classes.target} />
            <rect x={index * STEP + 1} y={HEIGHT - 1} width={BAR} height={1} className={classes.ground} />
            {parts
              .filter(({ value }) => value > 0)
              .map(({ tone, value }) => {
                const height = Math.max(LEAST, (value / highest) * (HEIGHT - 2));
                top -= height;
                return (
                  <rect
                    key={tone}
                    x={index * STEP + 1}
                    y={top}
                    width={BAR}
                    height={height}
                    className={classes.part}
                    data-tone={tone}
                  />
                );
              })}
          </g>
        );
      })}
    </svg>
  );
}
