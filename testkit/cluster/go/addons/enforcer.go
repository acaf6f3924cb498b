package main

import (
	"fmt"
	"os/exec"
	"sort"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
)

// enforcer keeps one nftables table that says what every NetworkPolicy says, replaced whole in one
// transaction.
type enforcer struct {
	pods       corelisters.PodLister
	namespaces corelisters.NamespaceLister
	policies   networkinglisters.NetworkPolicyLister
	informers  []cache.SharedIndexInformer
	enforced   string
}

func newEnforcer(factory informers.SharedInformerFactory) *enforcer {
	pods, namespaces := factory.Core().V1().Pods(), factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	return &enforcer{
		pods: pods.Lister(), namespaces: namespaces.Lister(), policies: policies.Lister(),
		informers: []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()},
	}
}

func (e *enforcer) enforce() error {
	known, err := e.look()
	if err != nil {
		return err
	}
	wanted := known.table()
	if wanted == e.enforced {
		return nil
	}
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(wanted)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %s", err, output)
	}
	e.enforced = wanted
	return nil
}

// look gives the pods that have an address of their own, and what the policies say about them, in
// an order that does not change from one look to the next.
func (e *enforcer) look() (*rules, error) {
	pods, err := e.pods.List(labels.Everything())
	if err != nil {
		return nil, err
	}
	policies, err := e.policies.List(labels.Everything())
	if err != nil {
		return nil, err
	}
	sort.Slice(policies, func(i, j int) bool { return fullName(policies[i]) < fullName(policies[j]) })
	var running []*core.Pod
	for _, pod := range pods {
		if hasAddress(pod) {
			running = append(running, pod)
		}
	}
	sort.Slice(running, func(i, j int) bool { return running[i].Status.PodIP < running[j].Status.PodIP })
	return &rules{running, policies, e.labelsOf}, nil
}

func hasAddress(pod *core.Pod) bool {
	ended := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
	return pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended
}

func fullName(policy *networking.NetworkPolicy) string {
	return policy.Namespace + "/" + policy.Name
}

func (e *enforcer) labelsOf(namespace string) labels.Set {
	if found, err := e.namespaces.Get(namespace); err == nil {
		return found.Labels
	}
	return nil
}
