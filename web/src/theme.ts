import { createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e6f6f8',
  '#cfe8ec',
  '#a0d1d9',
  '#6db8c5',
  '#45a3b3',
  '#2c96a8',
  '#1a8fa3',
  '#067b8e',
  '#0b5f6e',
  '#0b4a56',
];

/** Filled parts are dark enough for white text (WCAG AA), in both colour schemes. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { petrol },
  defaultRadius: 'md',
  focusRing: 'auto',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  components: {
    // Not Modal.extend(): it would load dialogs with the first page.
    Modal: {
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        // Its <header> would be another banner of the page to screen readers.
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)' } },
    },
    // An opened menu has the focus on its first item, and nothing in it but items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
  },
});
