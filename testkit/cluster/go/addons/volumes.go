package main

import (
	"context"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
)

const (
	provisionerName = "pilothouse.test/hostpath"
	provisionedBy   = "pv.kubernetes.io/provisioned-by"
	selectedNode    = "volume.kubernetes.io/selected-node"
)

// provisioner makes a folder and a PersistentVolume for each claim that waits for one, and removes
// both when the claim is gone.
type provisioner struct {
	client    kubernetes.Interface
	folder    string
	claims    corelisters.PersistentVolumeClaimLister
	volumes   corelisters.PersistentVolumeLister
	classes   storagelisters.StorageClassLister
	informers []cache.SharedIndexInformer
}

func newProvisioner(client kubernetes.Interface, folder string, factory informers.SharedInformerFactory) *provisioner {
	claims := factory.Core().V1().PersistentVolumeClaims()
	volumes := factory.Core().V1().PersistentVolumes()
	classes := factory.Storage().V1().StorageClasses()
	return &provisioner{
		client, folder, claims.Lister(), volumes.Lister(), classes.Lister(),
		[]cache.SharedIndexInformer{claims.Informer(), volumes.Informer(), classes.Informer()},
	}
}

func (p *provisioner) provision(ctx context.Context) error {
	claims, err := p.claims.List(labels.Everything())
	if err != nil {
		return err
	}
	for _, claim := range claims {
		if err := p.serve(ctx, claim); err != nil {
			return err
		}
	}
	volumes, err := p.volumes.List(labels.Everything())
	if err != nil {
		return err
	}
	for _, volume := range volumes {
		if err := p.reclaim(ctx, volume); err != nil {
			return err
		}
	}
	return nil
}

// serve makes the volume of a claim that waits for one of ours and whose pod has a node.
func (p *provisioner) serve(ctx context.Context, claim *core.PersistentVolumeClaim) error {
	waits := claim.Status.Phase == core.ClaimPending && claim.DeletionTimestamp == nil && claim.Spec.VolumeName == ""
	if !waits || claim.Spec.StorageClassName == nil || claim.Annotations[selectedNode] == "" {
		return nil
	}
	class, err := p.classes.Get(*claim.Spec.StorageClassName)
	if errors.IsNotFound(err) || err == nil && class.Provisioner != provisionerName {
		return nil
	}
	if err != nil {
		return err
	}
	name := "pvc-" + string(claim.UID)
	path := filepath.Join(p.folder, name)
	if err := makeFolder(path); err != nil {
		return err
	}
	volume := newVolume(name, path, claim, *class.ReclaimPolicy)
	_, err = p.client.CoreV1().PersistentVolumes().Create(ctx, volume, meta.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// makeFolder makes a folder that any user may write to: hostPath volumes get no fsGroup.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777)
}

func newVolume(name, path string, claim *core.PersistentVolumeClaim, policy core.PersistentVolumeReclaimPolicy) *core.PersistentVolume {
	kind := core.HostPathDirectory
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: provisionerName}},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: policy,
			AccessModes:                   claim.Spec.AccessModes,
			StorageClassName:              *claim.Spec.StorageClassName,
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			ClaimRef: &core.ObjectReference{
				Kind: "PersistentVolumeClaim", APIVersion: "v1",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			PersistentVolumeSource: core.PersistentVolumeSource{HostPath: &core.HostPathVolumeSource{Path: path, Type: &kind}},
			NodeAffinity:           onNode(claim.Annotations[selectedNode]),
		},
	}
}

func onNode(name string) *core.VolumeNodeAffinity {
	here := core.NodeSelectorRequirement{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{name}}
	term := core.NodeSelectorTerm{MatchExpressions: []core.NodeSelectorRequirement{here}}
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{term}}}
}

// reclaim removes a volume of ours, and what is in it, when its claim is gone.
func (p *provisioner) reclaim(ctx context.Context, volume *core.PersistentVolume) error {
	ours := volume.Annotations[provisionedBy] == provisionerName
	deletes := volume.Spec.PersistentVolumeReclaimPolicy == core.PersistentVolumeReclaimDelete
	if !ours || !deletes || volume.Status.Phase != core.VolumeReleased {
		return nil
	}
	if err := os.RemoveAll(volume.Spec.HostPath.Path); err != nil {
		return err
	}
	err := p.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, meta.DeleteOptions{})
	if errors.IsNotFound(err) {
		return nil
	}
	return err
}
