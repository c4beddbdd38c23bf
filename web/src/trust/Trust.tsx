import { Page } from '../parts/Page.tsx';

export default function Trust() {
  return <Page title="Trust">{null}</Page>;
}
