// addons: what a one-node test cluster needs besides Kubernetes: a provisioner of hostPath
// volumes and an enforcer of NetworkPolicies.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	resync = 10 * time.Minute
	retry  = time.Second
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "whom to be")
	folder := flag.String("volumes", "", "folder of the volumes")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 50, 100
	client := kubernetes.NewForConfigOrDie(config)
	factory := informers.NewSharedInformerFactory(client, resync)
	volumes := newProvisioner(client, *folder, factory)
	policies := newEnforcer(factory)
	volumesChanged := watch(volumes.informers...)
	policiesChanged := watch(policies.informers...)
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	go repeat("volumes", volumesChanged, func() error { return volumes.provision(context.Background()) })
	repeat("policies", policiesChanged, policies.enforce)
}

// watch gives a channel that holds a token when something has changed since it was last taken,
// and one at the start.
func watch(informers ...cache.SharedIndexInformer) chan struct{} {
	changed := make(chan struct{}, 1)
	for _, informer := range informers {
		informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { notify(changed) },
			UpdateFunc: func(any, any) { notify(changed) },
			DeleteFunc: func(any) { notify(changed) },
		})
	}
	notify(changed)
	return changed
}

func notify(changed chan struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}

// repeat works after every change, and again after a failure.
func repeat(what string, changed chan struct{}, work func() error) {
	for range changed {
		if err := work(); err != nil {
			log.Printf("%s: %v", what, err)
			time.AfterFunc(retry, func() { notify(changed) })
		}
		time.Sleep(20 * time.Millisecond) // a burst of changes is one
	}
}
