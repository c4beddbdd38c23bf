import { Page } from '../parts/Page.tsx';

export default function Access() {
  return <Page title="Users and tokens">{null}</Page>;
}
