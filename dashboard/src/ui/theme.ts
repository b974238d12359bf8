import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** Neutral with a trace of blue; also the primary colour, so that only states and links bring colour to a page. */
const ink: MantineColorsTuple = [
  '#f7f8f9',
  '#eceef1',
  '#dde0e5',
  '#c0c5cd',
  '#959ca8',
  '#6d7583',
  '#505866',
  '#383f4b',
  '#1f242d',
  '#12161c',
];

/** The dark scheme's greys, from text (0) to the page's ground (7). */
const dark: MantineColorsTuple = [
  '#d5d9e0',
  '#a9b0bb',
  '#939ba8',
  '#5b6370',
  '#353b46',
  '#262b34',
  '#171b21',
  '#0f1216',
  '#0b0d10',
  '#07090b',
];

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 1 },
  variantColorResolver: legibleOnPrimary,
  black: '#171b21',
  fontFamily: 'var(--font-text), ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'var(--font-code), ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'md',
  radius: { sm: '5px', md: '8px', lg: '12px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Paper: { defaultProps: { withBorder: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
    // its header is no banner of the page
    Modal: { defaultProps: { centered: true, attributes: { header: { role: 'presentation' } } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Checkbox: { defaultProps: { iconColor: 'var(--on-primary)' } },
  },
});

/** The primary colour is dark on light ground and light on dark ground; Mantine would write white on both. */
function legibleOnPrimary(input: Parameters<VariantColorsResolver>[0]): ReturnType<VariantColorsResolver> {
  const colors = defaultVariantColorsResolver(input);
  const isPrimary = input.variant === 'filled' && (!input.color || input.color === input.theme.primaryColor);
  return isPrimary ? { ...colors, color: 'var(--on-primary)' } : colors;
}

/** Lets the components stand on the surfaces and borders that globals.css defines for each scheme. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const surfaces = {
    '--mantine-color-body': 'var(--surface)',
    // the library's red is too pale to be read on white
    '--mantine-color-error': 'var(--tone-bad)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-border': 'var(--border)',
  };
  return { variables: {}, light: { ...surfaces, '--mantine-color-dimmed': '#566070' }, dark: surfaces };
};
