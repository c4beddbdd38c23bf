import { Page } from '../parts/Page.tsx';

export default function Setup() {
  return <Page title="First start">{null}</Page>;
}
