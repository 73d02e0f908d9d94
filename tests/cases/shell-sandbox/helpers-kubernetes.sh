report_kubernetes_manifest $'kind: A\n---\nkind: B' staging
